import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findOperation } from '../../src/docker/operations.ts';
import { LASTING } from '../../src/observe/requests.ts';
import { docker, dockerSpawn, type Target } from '../support/docker.ts';
import { polite } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { type Gateway, issueToken, startGateway } from '../support/gateway.ts';
import { rawClient } from '../support/http.ts';
import { createCa } from '../support/pki.ts';
import { openTenantDoor } from '../support/tenants.ts';
import { adminOf, type Scrape, scrape } from './scrape.ts';

const ADMIN = { admin: { listen: '127.0.0.1:0' } };

/** Scrapes until it says so: a request is over a moment after its client has the answer. */
async function until(gateway: Gateway, isSo: (now: Scrape) => boolean): Promise<Scrape> {
  for (const deadline = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const now = await scrape(gateway);
    if (isSo(now) || Date.now() > deadline) return now;
  }
}

describe('with the docker CLI and a real Engine', () => {
  const engine = inject('engine');
  const name = `metrics-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;
  let admin: Target;
  let viewer: Target;
  let before: Scrape;

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: engine.socket, config: ADMIN });
    const { host } = gateway;
    admin = { host, certPath: gateway.certPath('admin') };
    viewer = { host, certPath: gateway.certPath('viewer') };
    await docker(['run', '-d', '--name', name, 'busybox', 'sh', '-c', 'echo up; exec sleep 600'], admin);
    // All of it is over: what comes is counted from here.
    before = await until(gateway, (now) => now.of('quaywarden_requests_open') === 0);
  });
  afterAll(async () => {
    await docker(['rm', '-f', name], { host: `unix://${engine.socket}` });
    await gateway.stop();
  });

  /** By how much a series has grown. */
  const more = (now: Scrape, metric: string, labels: Record<string, string> = {}): number =>
    now.of(metric, labels) - before.of(metric, labels);
  const requests = (now: Scrape, operation: string, effect: string, reason: string, status: string): number =>
    more(now, 'quaywarden_requests_total', { operation, effect, reason, status });

  it('counts each kind of request once, with what it took and what it carried', async () => {
    await docker(['ps'], admin);
    await docker(['ps'], admin);
    const denied = await docker(['rm', '-f', name], viewer);
    expect(denied.stderr).toContain('[not-granted]');
    const stranger = await rawClient(gateway.port, `${gateway.certPath('admin')}/ca.pem`, undefined);
    stranger.write(http('GET /v1.41/info'));
    await stranger.answered('GET');
    stranger.socket.destroy();
    expect((await docker(['exec', name, 'echo', 'hello'], admin)).stdout).toBe('hello\n');

    const now = await until(
      gateway,
      (it) =>
        it.of('quaywarden_requests_open') === 0 && requests(it, 'ExecStart', 'allow', 'granted', '101') > 0,
    );
    expect({
      lists: requests(now, 'ContainerList', 'allow', 'granted', '200'),
      deletes: requests(now, 'ContainerDelete', 'deny', 'not-granted', '403'),
      strangers: requests(now, 'none', 'deny', 'no-identity', '401'),
      execs: requests(now, 'ExecStart', 'allow', 'granted', '101'),
    }).toEqual({ lists: 2, deletes: 1, strangers: 1, execs: 1 });
    expect(more(now, 'quaywarden_auth_failures_total', { reason: 'no-identity' })).toBe(1);
    // A frame of standard output: 8 bytes before the 6 of the text.
    const bytes = { operation: 'ExecStart', direction: 'out' };
    expect(more(now, 'quaywarden_client_bytes_total', bytes)).toBe(14);
    const of = (metric: string, operation: string): number =>
      more(now, `quaywarden_${metric}_duration_seconds_count`, { operation });
    expect({
      list: ['request', 'decision', 'engine'].map((metric) => of(metric, 'ContainerList')),
      // It never went to the Engine.
      refused: ['request', 'decision', 'engine'].map((metric) => of(metric, 'ContainerDelete')),
      exec: ['request', 'stream', 'engine'].map((metric) => of(metric, 'ExecStart')),
    }).toEqual({ list: [2, 2, 2], refused: [1, 1, 0], exec: [0, 1, 1] });
    const all = [...now.values].filter(([series]) => series.startsWith('quaywarden_requests_total'));
    const before_ = [...before.values].filter(([series]) => series.startsWith('quaywarden_requests_total'));
    const sum = (series: typeof all): number => series.reduce((total, [, value]) => total + value, 0);
    expect(more(now, 'quaywarden_audit_duration_seconds_count')).toBe(sum(all) - sum(before_));
    const took = more(now, 'quaywarden_engine_duration_seconds_sum', { operation: 'ContainerList' });
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThan(
      more(now, 'quaywarden_request_duration_seconds_sum', { operation: 'ContainerList' }),
    );
  });

  it('tells of streams, and of what they carry, while they are open', async () => {
    const logs = dockerSpawn(['logs', '-f', name], admin);
    await logs.waitFor('up');
    const labels = { operation: 'ContainerLogs' };
    const during = await scrape(gateway);
    expect(during.of('quaywarden_streams_open', labels)).toBe(1);
    expect(during.of('quaywarden_requests_open')).toBeGreaterThanOrEqual(1);
    expect(more(during, 'quaywarden_client_bytes_total', { ...labels, direction: 'out' })).toBe(11);
    logs.signal('SIGINT');
    await logs.exit();
    const after = await until(gateway, (now) => now.of('quaywarden_streams_open', labels) === 0);
    expect(after.of('quaywarden_streams_open', labels)).toBe(0);
    expect(after.of('quaywarden_stream_duration_seconds_count', labels)).toBe(1);
  });

  it('tells of the process, the version and the certificates', async () => {
    const now = await scrape(gateway);
    expect(now.of('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(now.of('quaywarden_build_info', { version })).toBe(1);
    const expiries = [...now.values].filter(([series]) => series.includes('certificate_expiry'));
    expect(expiries.map(([series]) => /use="([^"]+)"/.exec(series)?.[1]).sort()).toEqual([
      'client-ca',
      'server',
    ]);
    for (const [, value] of expiries) expect(value).toBeGreaterThan(Date.now() / 1_000 + 86_400);
    for (const check of ['audit', 'engine', 'certificate', 'running'])
      expect(now.of('quaywarden_ready', { check })).toBe(1);
  });
});

it('streams are operations of the catalogue', () => {
  const connections = [...LASTING].map((id) => findOperation(id)?.connection);
  expect(new Set(connections)).toEqual(new Set(['stream']));
});

describe('with garbage', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({
      config: { ...ADMIN, tls: { clientCa: 'clients/ca.pem', clientCertificate: 'optional' } },
    });
  });
  afterAll(() => door.close());

  const chance = (): string => randomBytes(6).toString('hex');

  /** What clients choose, differently each time: known, unknown and not HTTP, with and without an identity. */
  async function garbage(): Promise<void> {
    const token = await issueToken(door.gateway, `user-${chance()}`, '--role', 'viewer');
    const bearer = `Authorization: Bearer ${token}`;
    for (const as of ['alice', 'nobody', null]) {
      await door.exchange(http(`GET /v1.41/${chance()}/${chance()}`), as);
      await door.exchange(http(`GET /v1.41/containers/${chance()}/json?${chance()}=1`), as);
      await door.exchange(http(`GET /v1.41/containers/${chance()}/json`, `X-${chance()}: ${chance()}`), as);
      await door.exchange(json('POST /v1.41/containers/create', JSON.stringify({ [chance()]: 1 })), as);
      await door.exchange(http(`${chance().replace(/\d/g, 'x').toUpperCase()} /_ping`), as);
      await door.exchange(http(`PROPFIND /${chance()}`), as);
    }
    await door.exchange(http('GET /v1.41/info', bearer), null);
    await door.exchange(http(`GET /v1.41/volumes/${chance()}`, bearer), null);
    await door.exchange(
      http('GET /v1.41/info', `Authorization: Bearer ${chance()}.${chance()}.${chance()}`),
      null,
    );
    await door.exchange(
      http(
        'GET /v1.41/info',
        `traceparent: 00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
      ),
    );
  }

  it('the series stay the same, and hold nothing of it', async () => {
    await garbage();
    const idle = (now: Scrape): boolean => now.of('quaywarden_requests_open') === 0;
    const once = await until(door.gateway, idle);
    await garbage();
    const often = await until(door.gateway, idle);
    // Those of the process come as its garbage collector does.
    const series = ({ values }: Scrape): string[] =>
      [...values.keys()].filter((name) => name.startsWith('quaywarden_'));
    expect(series(often)).toEqual(series(once));
    const total = (of: Scrape): number =>
      [...of.values].reduce(
        (sum, [series, value]) => sum + (/^quaywarden_requests_total/.test(series) ? value : 0),
        0,
      );
    expect(total(often)).toBe(2 * total(once));
    expect(often.text).not.toMatch(/PROPFIND|user-|alice|nobody|Bearer/);
  });
});

describe('of quotas', () => {
  it('tells what tenants use, of those that quotas name and of those that came', async () => {
    const engine = inject('engine');
    const [named, came] = [
      `named-${randomBytes(4).toString('hex')}`,
      `came-${randomBytes(4).toString('hex')}`,
    ];
    const door = await openTenantDoor({
      engineSocket: engine.socket,
      config: {
        ...ADMIN,
        quotas: [
          { for: [named], containers: 4, memory: '1g' },
          { for: ['*'], cpus: 1.5 },
        ],
      },
    });
    try {
      for (const tenant of [named, came])
        await door.certPath(tenant, { cn: tenant, o: tenant, ou: 'developer' });
      const create = json(
        'POST /v1.41/containers/create',
        JSON.stringify({ Image: 'busybox', HostConfig: { Memory: 67_108_864 } }),
      );
      const made = await door.ask(create, named);
      expect(made.status).toBe(201);
      const { Id } = JSON.parse(made.body) as { Id: string };
      await door.ask(http('GET /v1.41/containers/json'), came);
      const now = await until(door.gateway, ({ text }) => text.includes(`tenant="${came}"`));
      const of = (which: string, tenant: string, resource: string): number =>
        now.of(`quaywarden_tenant_quota_${which}`, { tenant, resource });
      expect({
        used: of('used', named, 'containers'),
        limit: of('limit', named, 'containers'),
        bytes: [of('used', named, 'memory_bytes'), of('limit', named, 'memory_bytes')],
        cpus: [of('used', came, 'cpus'), of('limit', came, 'cpus')],
      }).toEqual({ used: 1, limit: 4, bytes: [67_108_864, 1_073_741_824], cpus: [0, 1.5] });
      expect(now.text).not.toContain(`tenant="${named}",resource="volumes"`);
      await door.ask(http(`DELETE /v1.41/containers/${Id}?force=1`), named);
    } finally {
      await door.close();
    }
  });
});

describe('readiness and failures', () => {
  it('name the Engine that is away, and the metrics go on', async () => {
    const door = await openFrontDoor({ config: ADMIN });
    try {
      expect((await fetch(`${adminOf(door.gateway)}/healthz`)).status).toBe(200);
      expect((await fetch(`${adminOf(door.gateway)}/readyz`)).status).toBe(200);
      await door.engine.close();
      expect((await door.ask(http('GET /v1.41/info'))).status).toBe(503);
      const answer = await fetch(`${adminOf(door.gateway)}/readyz`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        ready: false,
        checks: {
          audit: { ok: true },
          engine: { ok: false, reason: expect.stringContaining(door.engine.socketPath) },
          certificate: { ok: true },
          running: { ok: true },
        },
      });
      const now = await scrape(door.gateway);
      expect(now.of('quaywarden_ready', { check: 'engine' })).toBe(0);
      expect(now.of('quaywarden_failures_total', { reason: 'engine-down' })).toBe(1);
      const labels = { operation: 'SystemInfo', effect: 'allow', reason: 'granted', status: '503' };
      expect(now.of('quaywarden_requests_total', labels)).toBe(1);
    } finally {
      await door.gateway.stop();
    }
  });

  it('tell what became of reloads', async () => {
    const door = await openFrontDoor({ config: { ...ADMIN, reload: { watchSeconds: 0 } } });
    try {
      const { gateway } = door;
      const reload = async (outcome: string): Promise<Scrape> => {
        gateway.signal('SIGHUP');
        return until(gateway, (now) => now.of('quaywarden_reloads_total', { outcome }) === 1);
      };
      const loaded = (now: Scrape): number =>
        now.of('quaywarden_config_last_reload_success_timestamp_seconds');
      const text = readFileSync(gateway.config, 'utf8');
      const began = loaded(await scrape(gateway));
      expect(began).toBeGreaterThan(Date.now() / 1_000 - 60);
      writeFileSync(gateway.config, `${text}\nnonsense: true\n`);
      const refused = await reload('refused');
      expect(refused.of('quaywarden_config_last_reload_successful')).toBe(0);
      expect(loaded(refused)).toBe(began);
      writeFileSync(gateway.config, text);
      const mended = await reload('unchanged');
      expect(mended.of('quaywarden_config_last_reload_successful')).toBe(1);
      expect(loaded(mended)).toBeGreaterThan(began);
    } finally {
      await door.close();
    }
  });

  it('are not ready with a certificate that has expired, nor while the gateway is being stopped', async () => {
    const ca = await createCa({ cn: 'Server CA' });
    const yesterday = new Date(Date.now() - 86_400_000);
    const expired = await ca.issueServer({ cn: 'gateway', notBefore: new Date(0), notAfter: yesterday });
    const door = await openFrontDoor({
      config: { ...ADMIN, shutdown: { graceSeconds: 5 } },
      script: async (connection, head) => {
        // A stream without an end.
        if (head.includes('/events'))
          connection.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        else await polite(connection, head);
      },
    });
    const ready = async (gateway: Gateway): Promise<{ status: number; checks: Record<string, object> }> => {
      const answer = await fetch(`${adminOf(gateway)}/readyz`);
      const { checks } = (await answer.json()) as { checks: Record<string, object> };
      return { status: answer.status, checks };
    };
    const late = await startGateway({
      engineSocket: door.engine.socketPath,
      config: { ...ADMIN, tls: { certificate: 'expired.pem', key: 'expired.key' } },
      prepare: (dir) => {
        writeFileSync(`${dir}/expired.pem`, expired.certificate);
        writeFileSync(`${dir}/expired.key`, expired.key);
      },
    });
    try {
      const since = new Date(Math.floor(yesterday.getTime() / 1_000) * 1_000).toISOString();
      expect(await ready(late)).toMatchObject({
        status: 503,
        checks: {
          engine: { ok: true },
          certificate: { ok: false, reason: expect.stringContaining('CN=gateway'), since },
        },
      });
      const client = await door.connect('alice');
      client.write(http('GET /v1.41/events'));
      await client.until(/200 OK/);
      expect((await ready(door.gateway)).status).toBe(200);
      door.gateway.signal('SIGTERM');
      await expect
        .poll(async () => (await ready(door.gateway)).checks['running'])
        .toMatchObject({ ok: false });
      client.socket.destroy();
    } finally {
      await late.stop();
      await door.close();
    }
  });
});
