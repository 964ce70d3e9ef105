import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { addedProfiles } from '../../src/cli/init/preset-setup.ts';
import { allPresets } from '../../src/cli/init/presets.ts';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { bodyKind } from '../../src/docker/shape.ts';
import { Refusal } from '../../src/errors.ts';
import type { Policy } from '../../src/policy/decision.ts';
import { checkFloor } from '../../src/policy/floor.ts';
import { decideAll } from '../../src/policy/judgement.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { resourcesOf } from '../../src/tenancy/resource.ts';
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

/** What a principal of one role gets for a request, by the stages that need no Engine: `allow`, or the reason id. */
export function verdictOn(policy: Policy, role: string, { http, body }: Asked): string {
  try {
    const [method = '', target = ''] = http.split(' ');
    const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
    const content =
      body === undefined || bodyKind(api) === 'none'
        ? undefined
        : readContent(api, Buffer.from(JSON.stringify(body)));
    const facts = factsOf(api, content?.value);
    const { operation, version, query } = api;
    const principal = { name: role, tenant: 'default', roles: [role], method: 'listener' as const };
    const asks = { principal, operation, version, query };
    const resources = resourcesOf(api);
    const early = decideAll(resources, (resource) => policy.admits({ ...asks, resource }));
    if (early.effect === 'deny') return early.reason;
    checkFloor(api, facts, content?.unknown ?? [], content?.hints ?? {}, undefined);
    const { effect, reason } = decideAll(resources, (resource) =>
      policy.decide({ ...asks, resource, body: content?.value, facts }),
    );
    return effect === 'allow' ? 'allow' : reason;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}
