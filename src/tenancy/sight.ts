import type { Soon } from '../at-once.ts';
import type { OwnedKind, Shown } from './owned.ts';

/**
 * What one principal may inspect. Lists, events and counts show that and nothing else. No answer throws because an
 * object is gone: what can not be looked at any more is not seen.
 */
export interface Sight {
  /** The principal's own tenant. */
  readonly tenant: string;
  /** Whether every object of the kind is seen, whoever owns it: then nothing has to be looked at. */
  all(kind: OwnedKind | 'image' | 'engine'): boolean;
  /** An element of one of the Engine's lists, asked for the time of one reply. */
  sees(shown: Shown): Soon<boolean>;
  /** @param reference a full name as `formatImageName` writes it, or an id `sha256:...` */
  seesImage(reference: string): boolean;
  /** An object by its full id (a volume by its name), asked of the Engine where nobody remembers it. */
  seesById(kind: OwnedKind, id: string): Promise<boolean>;
}
