import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { nearest } from '../config/suggest.ts';

/** Stands in a grant for every Engine, the default one too. */
const EVERY_ENGINE = '*';

/** A grant's resource, and the Engine that it is on. */
export interface OnEngine {
  /** The name of an Engine as it is written, or `*`. */
  readonly engine: string;
  /** The pattern of resources on it. */
  readonly pattern: string;
}

/**
 * Takes the Engine off a grant's resource: `engine/build/container/**` are containers of the Engine `build`. Without that
 * beginning a grant speaks of the default Engine alone, so that adding an Engine gives nobody a right on it.
 */
export function splitEngine(resource: string): OnEngine {
  const [, engine, pattern = ''] = /^engine\/([^/]*)\/(.*)$/s.exec(resource) ?? [];
  return engine === undefined ? { engine: DEFAULT_ENGINE, pattern: resource } : { engine, pattern };
}

/** The other way: a resource, or a pattern of some, as grants write it that is on an Engine. */
export function joinEngine({ engine, pattern }: OnEngine): string {
  return engine === DEFAULT_ENGINE ? pattern : `engine/${engine}/${pattern}`;
}

/** Whether a grant is for an Engine. */
export function isFor({ engine }: OnEngine, name: string): boolean {
  return engine === name || engine === EVERY_ENGINE;
}

/**
 * What is wrong with the Engine that a resource names; undefined when nothing is.
 *
 * @param engines the names there are
 */
export function engineFault(resource: string, engines: readonly string[]): string | undefined {
  const { engine } = splitEngine(resource);
  const [, alone = ''] = /^engine\/([^/]+)$/.exec(resource) ?? [];
  if (alone === EVERY_ENGINE || engines.includes(alone)) {
    return `says which Engine and not what on it: write engine/${alone}/engine for the Engine itself, or engine/${alone}/KIND/...`;
  }
  if (engine === EVERY_ENGINE || engines.includes(engine)) return undefined;
  const near = nearest(engine, engines);
  const meant = near === undefined ? '' : `; did you mean engine/${near}/?`;
  return `names no Engine: there are ${engines.join(', ')}, and * for all of them${meant}`;
}
