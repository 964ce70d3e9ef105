import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { addedProfiles } from '../../src/cli/init/preset-setup.ts';
import { allPresets } from '../../src/cli/init/presets.ts';
import type { Policy } from '../../src/policy/decision.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { consider } from '../../src/workbench/consider.ts';
import { type DeskConfig, deskConfig, openDesk } from '../../src/workbench/desk.ts';
import { supposedPrincipal } from '../../src/workbench/principal.ts';
import { fileOf, MODEL, PROFILES } from '../policy/support.ts';

const ROOT = fileURLToPath(new URL('../../policies/presets', import.meta.url));

/** Folders of presets, each named as its preset and its role. */
export const NAMES: readonly string[] = readdirSync(ROOT).sort();

/** One line of a grants.test.yaml. */
export interface Case {
  readonly who: string;
  readonly roles: readonly string[];
  /** Method and target. */
  readonly http: string;
  readonly body?: unknown;
  readonly expect: 'allow' | 'deny';
  readonly reason?: string;
}

/** A request as it would be on the wire. */
export type Asked = Pick<Case, 'http' | 'body'>;

export function textOf(name: string, file: string): string {
  return readFileSync(`${ROOT}/${name}/${file}`, 'utf8');
}

export function pathOf(name: string, file: string): string {
  return `${ROOT}/${name}/${file}`;
}

/** What the grants of a preset are to decide. */
export function casesOf(name: string): readonly Case[] {
  return (parse(textOf(name, 'grants.test.yaml')) as { tests: readonly Case[] }).tests;
}

/** The grants of one preset and nothing else. */
export function policyOf(name: string): Promise<Policy> {
  const loading =
    policies.get(name) ??
    loadPolicy({ model: MODEL, grants: pathOf(name, 'grants.csv'), profiles: PROFILES_OF_ALL });
  policies.set(name, loading);
  return loading;
}

const policies = new Map<string, Promise<Policy>>();

/** The shipped profiles with those that presets add. */
export const PROFILES_OF_ALL = fileOf(
  readFileSync(PROFILES, 'utf8') + addedProfiles(allPresets()),
  'profiles.yaml',
);

/** The configuration of a gateway that has the profiles of all presets. */
export function configOfAll(): DeskConfig {
  const { policy, ...others } = deskConfig('quaywarden.yaml');
  return { ...others, policy: { ...policy, profiles: PROFILES_OF_ALL } };
}

const DESK = await openDesk(configOfAll());

/** What a principal of one role gets for a request, by the gateway's own stages: `allow`, or the reason id. */
export async function verdictOn(policy: Policy, role: string, { http, body }: Asked): Promise<string> {
  const [method = '', target = ''] = http.split(' ');
  const { effect, reason } = await consider(
    { ...DESK, policy },
    {
      principal: supposedPrincipal({ name: role, roles: [role], method: 'listener' }),
      method,
      target,
      headers: body === undefined ? [] : ['Content-Type', 'application/json'],
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      there: [],
    },
  );
  return effect === 'allow' ? 'allow' : reason;
}
