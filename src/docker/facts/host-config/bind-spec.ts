import { cleanPath } from '../go/clean-path.ts';

/** What one entry of `Binds` asks for. */
export interface BindSpec {
  /** The host path of a bind, cleaned; null for a volume. */
  readonly path: string | null;
  /** The name of a volume, empty for an anonymous one; null for a bind. */
  readonly volume: string | null;
  readonly mode: 'ro' | 'rw';
  readonly relabel: 'shared' | 'private' | undefined;
  readonly propagation: string | undefined;
}

/** Words of a mode, of which one of each kind may be given. */
const MODES: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ['nocopy'],
  ['consistent', 'cached', 'delegated'],
];

/**
 * Reads an entry of `Binds` as the Engine does on Linux (moby, volume/mounts/linux_parser.go, ParseMountRaw).
 *
 * @returns null for what the Engine refuses
 */
export function parseBind(text: string): BindSpec | null {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (first === '' || parts.length > 3) return null;
  if (parts.length === 1) return isTarget(first) ? volume('', 'rw') : null;
  // "/data:ro" could be meant as a target and a mode: the Engine takes it for neither, as `ro` is no target.
  if (!isTarget(second) || !isMode(third)) return null;
  const words = third.split(',');
  const mode = words.includes('ro') ? 'ro' : 'rw';
  const propagation = words.find((word) => MODES[2]?.includes(word));
  const path = cleanPath(first);
  if (path === null) return propagation === undefined ? volume(first, mode) : null;
  if (words.includes('nocopy')) return null;
  const relabel = words.includes('z') ? 'shared' : words.includes('Z') ? 'private' : undefined;
  return { path, volume: null, mode, relabel, propagation };
}

function volume(name: string, mode: 'ro' | 'rw'): BindSpec {
  return { path: null, volume: name, mode, relabel: undefined, propagation: undefined };
}

function isMode(text: string): boolean {
  if (text === '') return true;
  const words = text.split(',');
  return (
    words.every((word) => MODES.some((kind) => kind.includes(word))) &&
    MODES.every((kind) => words.filter((word) => kind.includes(word)).length <= 1)
  );
}

function isTarget(text: string): boolean {
  const clean = cleanPath(text.replaceAll('\\', '/'));
  return clean !== null && clean !== '/';
}
