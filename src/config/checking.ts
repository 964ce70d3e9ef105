import type { z } from 'zod';
import type { Path } from './document.ts';
import type { configSchema } from './schema.ts';

/** What checks between keys are made of. */

export type Sections = Partial<z.output<typeof configSchema>>;

/** Something wrong between several keys. */
export interface CheckFault {
  readonly path: Path;
  readonly sentence: string;
}

export function fault(path: Path, sentence: string): CheckFault {
  return { path, sentence };
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

/** As URLs normalise it: `127.1` is 127.0.0.1, and what only looks like an address is none. */
export function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname;
  } catch {
    return undefined;
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
