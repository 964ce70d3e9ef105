import { quoted } from '../../docker/text.ts';
import { Refusal } from '../../errors.ts';
import type { OwnedKind } from '../owned.ts';
import { UNOWNED } from '../resource.ts';
import { isOfAnyTenant, prefixOf, without } from './prefix.ts';

/** What a file of the Engine's may be called at most: volumes are folders. */
const LONGEST = 255;

/** Kinds whose names are a tenant's own. Those of a swarm are shared. */
const MAPPED: ReadonlySet<string> = new Set<OwnedKind>(['container', 'network', 'volume']);

/** The network of every Engine that containers join which name none. */
export const BRIDGE = 'bridge';

/**
 * How one principal's names and those on the Engine go together. A name says nothing of who owns an object: that is for
 * its label alone.
 */
export interface Names {
  /** Whether any name differs. */
  readonly areOwn: boolean;
  /** What the principal calls an object. */
  shown(onEngine: string): string;
  /** What it may mean on the Engine; the first that is there counts. */
  meant(kind: OwnedKind, name: string): readonly string[];
  /**
   * What something new is called on the Engine.
   *
   * @param owner whose it is, or will be
   * @throws Refusal 400 `name-too-long`, 403 `name-of-tenant`
   */
  made(name: string, owner: string, field: string): string;
  /** A text of the Engine's with the principal's names in it. */
  text(message: string): string;
}

/** Everybody's names are those on the Engine. */
export const SHARED: Names = {
  areOwn: false,
  shown: (onEngine) => onEngine,
  meant: (_, name) => [name],
  made: (name) => name,
  text: (message) => message,
};

/**
 * Each tenant's names are its own. What has none of its tenant's prefix, because it was there before, is called as it is;
 * an object of the tenant's own space comes first where both are called the same.
 */
export function privateNames(tenant: string): Names {
  const prefix = prefixOf(tenant);
  const inText = new RegExp(`(?<![A-Za-z0-9_.-])${prefix}(?=[A-Za-z0-9])`, 'g');
  return {
    areOwn: true,
    shown: (onEngine) => without(prefix, onEngine),
    meant(kind, name) {
      if (!MAPPED.has(kind)) return [name];
      // What is shown without the prefix is not found with it, and the Engine's own network by no name.
      const isHidden = name.startsWith(prefix) || (kind === 'network' && name === BRIDGE);
      return isHidden ? [prefix + name] : [prefix + name, name];
    },
    made(name, owner, field) {
      const onEngine = owner === tenant ? prefix + name : inSpaceOf(owner, name, field);
      if (onEngine.length > LONGEST) throw tooLong(name, LONGEST - (onEngine.length - name.length), field);
      return onEngine;
    },
    text: (message) => message.replace(inText, ''),
  };
}

/** What another's object is called after a new name, which may be told with the prefix under which it is shown. */
function inSpaceOf(owner: string, name: string, field: string): string {
  if (owner !== UNOWNED) return prefixOf(owner) + without(prefixOf(owner), name);
  if (!isOfAnyTenant(name)) return name;
  const sentence = `${quoted(name)} would take a name of a tenant's from it: choose one without "__"`;
  throw new Refusal(403, 'name-of-tenant', sentence, { field });
}

function tooLong(name: string, left: number, field: string): Refusal {
  const sentence = `the name ${quoted(name.slice(0, 32))}... has ${name.length} characters, and ${left} is the most for your tenant`;
  return new Refusal(400, 'name-too-long', sentence, { field });
}
