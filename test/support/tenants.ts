import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Engine, startEngine } from './engine.ts';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from './front-door.ts';
import { HAS_OWN_NAMES } from './one-tenant.ts';

const GRANTS = fileURLToPath(new URL('../../policies/tenants.csv', import.meta.url));

/** Two tenants on one Engine, each with the starter roles of `quaywarden init --tenants`. */
export interface Tenants {
  readonly engine: Engine;
  readonly door: FrontDoor;
  close(): Promise<void>;
}

/** Who there is: `alice` and `ann` of team-a, `bob` of team-b are developers; `admin` is an operator of `ops`. */
export const PEOPLE = {
  alice: { o: 'team-a', ou: 'developer' },
  ann: { o: 'team-a', ou: 'developer' },
  bob: { o: 'team-b', ou: 'developer' },
  viewer: { o: 'team-a', ou: 'viewer' },
  admin: { o: 'ops', ou: 'operator' },
} as const;

/** A gateway that keeps tenants apart, in front of an Engine. */
export async function openTenantDoor(options: FrontDoorOptions = {}): Promise<FrontDoor> {
  const door = await openFrontDoor({
    ...options,
    config: {
      tenancy: { enabled: true, names: HAS_OWN_NAMES ? 'private' : 'shared' },
      ...options.config,
    },
    prepare: async (dir) => {
      copyFileSync(GRANTS, `${dir}/policies/grants.csv`);
      await options.prepare?.(dir);
    },
  });
  for (const [name, { o, ou }] of Object.entries(PEOPLE)) await door.certPath(name, { cn: name, o, ou });
  return door;
}

/** The same with an Engine of its own. */
export async function openTenants(options: FrontDoorOptions = {}): Promise<Tenants> {
  const engine = await startEngine();
  const door = await openTenantDoor({ ...options, engineSocket: engine.socket });
  return {
    engine,
    door,
    close: async () => {
      await door.close();
      await engine.destroy();
    },
  };
}
