import { appendFileSync } from 'node:fs';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from '../../support/front-door.ts';
import type { CertificateOptions } from '../../support/pki.ts';
import type { Persona } from './case.ts';

/** What each one's certificate says; roles are those that `quaywarden init` grants. */
const CERTIFICATES: Readonly<Record<Persona, CertificateOptions & { readonly o: string }>> = {
  alice: { cn: 'alice', o: 'team-a', ou: 'developer' },
  bob: { cn: 'bob', o: 'team-b', ou: 'developer' },
  viewer: { cn: 'viewer', o: 'team-a', ou: 'viewer' },
  admin: { cn: 'admin', o: 'team-a', ou: 'operator' },
  rita: { cn: 'rita', o: 'team-a' },
  sam: { cn: 'sam', o: 'team-a' },
};

/** Beside the grants that `quaywarden init` writes: one is held to restricted, one has all operations under baseline. */
const GRANTS = [
  'p, user:rita, **, @read @lifecycle @exec, "satisfies(""restricted"")", allow',
  'p, user:sam, **, *, "satisfies(""baseline"")", allow',
];

export function tenantOf(persona: Persona): string {
  return CERTIFICATES[persona].o;
}

/** A gateway as `quaywarden init` sets it up, with a recording fake Engine behind it, and certificates for all personas. */
export async function openForCorpus(options: FrontDoorOptions = {}): Promise<FrontDoor> {
  const door = await openFrontDoor({
    ...options,
    prepare: async (dir) => {
      appendFileSync(`${dir}/policies/grants.csv`, `\n${GRANTS.join('\n')}\n`);
      await options.prepare?.(dir);
    },
  });
  for (const [name, certificate] of Object.entries(CERTIFICATES)) await door.certPath(name, certificate);
  return door;
}
