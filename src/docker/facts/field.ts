import { quoted } from '../text.ts';

/** The field of one member of a map: `HostConfig.Sysctls["net.core.somaxconn"]`, as body/read.ts writes it. */
export function keyed(field: string, key: string): string {
  return `${field}[${quoted(key)}]`;
}

/** The field of one item of an array. */
export function indexed(field: string, index: number): string {
  return `${field}[${index}]`;
}

/** A map without the properties that every object inherits: its keys are the client's. */
export function mapOf<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const made: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}
