import type { CrlState } from '../identity/revocation/revocation.ts';
import type { Sample } from './metrics.ts';

/** Asked at each scrape. */
export type CrlExpiries = () => readonly CrlState[];

/** When each source of CRLs runs out, in seconds since 1970; 0 for one that has given none yet. */
export function crlExpiries(crls: readonly CrlState[]): Sample[] {
  const byName = new Map<string, Sample>();
  for (const { name, issuer = '', nextUpdate } of crls) {
    const value = nextUpdate === undefined ? 0 : Date.parse(nextUpdate) / 1_000;
    // Two URLs may differ in their query alone, which is not shown.
    const known = byName.get(`${name} ${issuer}`);
    if (known === undefined || value < known.value)
      byName.set(`${name} ${issuer}`, { labels: { crl: name, issuer }, value });
  }
  return [...byName.values()];
}
