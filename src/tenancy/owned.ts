import { isNetworkWord } from '../docker/references.ts';
import type { Labels } from './labels.ts';
import { UNOWNED } from './resource.ts';

/** Kinds of objects that tenants own. */
export const OWNED_KINDS = ['container', 'network', 'volume', 'service', 'task', 'secret', 'config'] as const;
export type OwnedKind = (typeof OWNED_KINDS)[number];

/** An object as the Engine's lists and inspections tell of it. */
export interface Shown {
  readonly kind: OwnedKind;
  /** Full id; of a volume its name on the Engine. */
  readonly id: string;
  /** On the Engine; without the slash that the Engine puts before the names of containers; empty when it has none. */
  readonly name: string;
  readonly labels: Labels;
  /** Of a container: the id of its image, `sha256:...`. */
  readonly imageId?: string;
  /** Of a task: the id of its service. */
  readonly serviceId?: string;
}

/** An object whose owner is known. */
export interface Owned {
  readonly kind: OwnedKind;
  /** Full id; of a volume its name on the Engine. */
  readonly id: string;
  /** What its owner calls it. */
  readonly name: string;
  /** `-` when it is nobody's. */
  readonly tenant: string;
}

/** Whether it is a network that every Engine has, by its own name. A tenant's own may be called so as well. */
export function isEnginesNetwork({ kind, name, tenant }: Owned): boolean {
  return kind === 'network' && tenant === UNOWNED && isNetworkWord(name);
}
