import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CASES } from '../attack/cases/all.ts';
import { observe } from '../attack/corpus/observe.ts';
import { nameOf, openForTenants, tenantOf } from '../attack/corpus/persona.ts';
import { adminOf, scrape } from '../observe/scrape.ts';
import { reload } from '../support/control.ts';
import { IDS } from '../support/fake-inventory.ts';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  json,
  openFrontDoor,
} from '../support/front-door.ts';

/** All cases of the corpus; else each third. */
const WHOLE = process.env['QUAYWARDEN_ALL_ATTEMPTS'] === '1';

const CREATE = 'POST /v1.41/containers/create?name=web';
const PRIVILEGED = '{"Image":"alpine","HostConfig":{"Privileged":true,"PidMode":"host"}}';
const CREATED = /^POST \/v1\.41\/containers\/create\?name=web HTTP/;

describe('observe mode', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({
      config: { policy: { mode: 'observe' }, admin: { listen: '127.0.0.1:0' } },
      prepare: (dir) => {
        const path = `${dir}/policies/grants.csv`;
        const more = `p, user:dev, container/**, ContainerCreate, satisfies('baseline'), allow\np, *, secret/**, SecretList, true, deny\n`;
        writeFileSync(path, `${readFileSync(path, 'utf8')}\n${more}`);
      },
    });
    await door.certPath('dev', { cn: 'dev', o: 'team-a', ou: 'other' });
  }, 180_000);
  afterAll(() => door.close());

  const observed = async (bytes: string, forwarded: RegExp, as: string) => {
    const { records } = await expectForwarded(door, bytes, forwarded, as);
    const [decided, complete] = records.map(({ decision }) => decision);
    expect(complete).toEqual(decided);
    expect(decided).toMatchObject({
      effect: 'allow',
      reason: 'observed',
      message: null,
      grant: null,
      reasons: [],
    });
    return decided?.observed;
  };

  it('forwards what nothing grants, and records what it would have been refused with', async () => {
    expect(await observed(json(CREATE, PRIVILEGED), CREATED, 'nobody')).toEqual({
      reason: 'not-granted',
      resource: 'container/-/web',
      ...{ field: null, grant: null, profile: null, reasons: [] },
    });
  });

  it('records every reason, those that only the body tells too', async () => {
    const would = await observed(json(CREATE, PRIVILEGED), CREATED, 'dev');
    expect(would).toMatchObject({ profile: 'baseline', grant: expect.stringMatching(/^grants\.csv:\d+$/) });
    expect(would?.reasons.map(({ check }) => check)).toEqual(['host-namespace', 'privileged']);
  });

  it('forwards what a line denies', async () => {
    expect(await observed(http('GET /v1.41/secrets'), /^GET \/v1\.41\/secrets/, 'viewer')).toMatchObject({
      reason: 'denied-by-grant',
    });
  });

  it('goes by both roads', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: tcp'];
    const bytes = json('POST /v1.41/exec/cafe/start', '{}', ...upgrade);
    expect(await observed(bytes, /^POST \/v1\.41\/exec\/cafe\/start/, 'nobody')).toMatchObject({
      reason: 'not-granted',
    });
  });

  it('what is granted is granted as ever', async () => {
    const { records } = await expectForwarded(door, http('GET /v1.41/info'), /^GET \/v1\.41\/info/, 'viewer');
    expect(records[0]?.decision).toMatchObject({ reason: 'granted' });
    expect(records[0]?.decision).not.toHaveProperty('observed');
  });

  it('leaves the floor', async () => {
    const refused = { as: 'nobody', operation: 'ContainerCreate' } as const;
    await expectRefused(
      door,
      json(CREATE, '{"Image":"alpine","Newest":1}'),
      { status: 400, reason: 'body-field-unknown', ...refused },
      'nobody',
    );
    await expectRefused(
      door,
      json(CREATE, '{"Labels":{"io.quaywarden.tenant":"b"}}'),
      { status: 403, reason: 'own-label', ...refused },
      'nobody',
    );
    await expectRefused(
      door,
      http('GET /v1.41/nothing'),
      { status: 404, reason: 'unknown-endpoint' },
      'nobody',
    );
    await expectRefused(
      door,
      http('GET /v1.41/info'),
      { status: 401, reason: 'no-identity', principal: null },
      null,
    );
  });

  it('is told of, and ends with a reload', async () => {
    const warnings = () => door.gateway.log().match(/the policy is only observed for these/g)?.length;
    expect([warnings(), /OBSERVING everybody/.test(door.gateway.log())]).toEqual([1, true]);
    const ready = async () => (await fetch(`${adminOf(door.gateway)}/readyz`)).json();
    expect(await ready()).toMatchObject({ observing: ['*'] });
    const before = await scrape(door.gateway);
    expect(before.of('quaywarden_policy_observing', { whom: '*' })).toBe(1);
    const labels = { operation: 'ContainerCreate', reason: 'not-granted' };
    expect(before.of('quaywarden_observed_refusals_total', labels)).toBe(1);

    const { config } = door.gateway;
    const settings = parse(readFileSync(config, 'utf8'));
    const roles = [{ role: 'other', observe: true }];
    writeFileSync(config, stringify({ ...settings, policy: { ...settings.policy, mode: 'enforce', roles } }));
    expect((await reload(door.gateway.dir)).outcome).toBe('reloaded');
    // Of one role: the others are held to the policy.
    await observed(json(CREATE, PRIVILEGED), CREATED, 'dev');
    await expectRefused(door, json(CREATE, PRIVILEGED), { status: 403, reason: 'not-granted' }, 'nobody');
    expect([warnings(), await ready()]).toEqual([2, expect.objectContaining({ observing: ['role:other'] })]);

    writeFileSync(config, stringify({ ...settings, policy: { ...settings.policy, mode: 'enforce' } }));
    await reload(door.gateway.dir);
    await expectRefused(door, json(CREATE, PRIVILEGED), { status: 403, reason: 'host-namespace' }, 'dev');
    expect(await ready()).not.toHaveProperty('observing');
  });
});

describe('observe mode where tenants are told apart', () => {
  let door: Awaited<ReturnType<typeof openForTenants>>;
  beforeAll(async () => {
    door = await openForTenants({ config: { policy: { mode: 'observe' } } });
  }, 180_000);
  afterAll(() => door.close());

  /** What is refused by a wall, by the floor or by parsing: nothing of it passes because its sender is observed. */
  const ATTACKS = CASES.filter(
    ({ tenants, as = 'alice' }) => tenants !== undefined && as !== null && tenantOf(as) === 'team-a',
  ).filter((_, index) => WHOLE || index % 3 === 0);

  it('no attack on another tenant passes', async () => {
    const crossed: string[] = [];
    let observations = 0;
    for (const each of ATTACKS) {
      const [attempt] = each.attempts;
      if (attempt === undefined) continue;
      const { records, received } = await observe(door, each, attempt);
      for (const { decision, resource, involves, request } of records) {
        if (decision.reason !== 'observed') continue;
        observations += 1;
        const all = [[resource?.kind, resource?.tenant, resource?.name].join('/'), ...involves];
        const foreign = all.filter(
          (name) => /^[a-z]+\/(?:team-b|bob)\//.test(name) || /bob|team-b/.test(name),
        );
        if (foreign.length > 0) crossed.push(`${each.id} ${request.operation} ${foreign.join(' ')}`);
      }
      const bobs = Object.entries(IDS).filter(([name]) => name.startsWith('bob') || name === 'decoy');
      for (const [name, id] of bobs) {
        const isReached =
          records.some(({ decision }) => decision.reason === 'observed') && received.join('').includes(id);
        if (isReached) crossed.push(`${each.id} ${nameOf(each.as ?? 'alice')} reaches ${name}`);
      }
    }
    expect(crossed).toEqual([]);
    expect(observations).toBeGreaterThan(0);
  }, 120_000);
});
