import { describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { Certificates } from '../../src/observe/certificates.ts';
import { Histogram, Metrics } from '../../src/observe/metrics.ts';
import { addQuotaUse, type QuotaUseOptions } from '../../src/observe/quota-use.ts';
import { Requests } from '../../src/observe/requests.ts';
import { Spans } from '../../src/observe/spans.ts';
import type { Usage } from '../../src/tenancy/quota/usage.ts';

const log = { info: vi.fn(), warn: vi.fn() };

/** As much of an exchange as observers look at. */
function exchange(tenant = 'team-a', sampled = false): Exchange {
  const trace = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    headers: {},
    spans: { parent: undefined, server: '00f067aa0ba902b7', engine: '00f067aa0ba902b8' },
  };
  return {
    id: 'an-id',
    findings: { principal: { tenant }, forward: {}, ...(sampled ? { trace } : {}) },
    times: { arrived: 1, judged: 2, recorded: 3, forwarded: 4, answered: 5 },
    bytesIn: 1,
    bytesOut: 2,
  } as unknown as Exchange;
}

/** A tenth of what it may have of one thing. */
const usage = { containers: { used: 1n, allowed: 10n, text: '' } } as unknown as Usage;
const others = ['running', 'memory', 'cpus', 'volumes', 'networks', 'imageBytes'];
const full = {
  ...Object.fromEntries(others.map((name) => [name, { used: 0n, allowed: undefined, text: '' }])),
  ...usage,
} as unknown as Usage;

describe('metrics', () => {
  it('are told but for what can not tell now, and that is logged', async () => {
    log.warn.mockClear();
    const metrics = new Metrics(log);
    metrics.gauge({ name: 'good', help: 'Good.' }, () => [{ value: 1 }]);
    metrics.gauge({ name: 'late', help: 'Late.' }, () => Promise.reject(new Error('away')));
    metrics.counter({ name: 'bad_total', help: 'Bad.' }, () => [{ value: -1 }]);
    metrics.counter({ name: 'foreign_total', help: 'Foreign.', labels: ['a'] }, () => [
      { labels: { b: 'x' }, value: 1 },
    ]);
    metrics.histogram({ name: 'odd', help: 'Odd.' }, () => {
      throw new Error('odd');
    });
    const text = await metrics.text();
    expect(text).toContain('\ngood 1\n');
    expect(text).toContain('# TYPE odd histogram');
    expect(log.warn.mock.calls.map(([{ metric }]) => metric).sort()).toEqual([
      'bad_total',
      'foreign_total',
      'late',
      'odd',
    ]);
  });

  it('have histograms whose buckets hold what lies at or below them', async () => {
    const histogram = new Histogram([0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 1, 7]) histogram.observe(seconds);
    const metrics = new Metrics(log);
    metrics.histogram({ name: 'h', help: 'H.', labels: ['a'] }, () => [{ labels: { a: 'b' }, histogram }]);
    expect((await metrics.text()).split('\n').slice(2, 7)).toEqual([
      'h_bucket{a="b",le="0.1"} 2',
      'h_bucket{a="b",le="1"} 4',
      'h_bucket{a="b",le="+Inf"} 5',
      'h_sum{a="b"} 8.65',
      'h_count{a="b"} 5',
    ]);
  });

  it('tell a number of reasons apart, whatever comes, and a hundred tenants', async () => {
    const requests = new Requests();
    for (let count = 0; count < 2_000; count += 1) {
      const one = exchange(`tenant-${count}`);
      requests.began(one);
      requests.ended(one, { effect: 'deny', reason: `reason-${count}`, status: 1_000 + count });
    }
    const metrics = new Metrics(log);
    requests.addTo(metrics);
    const text = await metrics.text();
    const series = text.match(/^quaywarden_requests_total\{.*$/gm) ?? [];
    expect(series).toHaveLength(513);
    expect(series.at(-1)).toBe(
      'quaywarden_requests_total{operation="none",effect="deny",reason="other",status="other"} 1488',
    );
    expect(requests.tenants.size).toBe(100);
    expect(text).not.toContain('tenant-');
  });
});

describe('quotas in use', () => {
  const add = ({ usage: ofEngine, ...options }: QuotaUseOptions): Metrics => {
    const metrics = new Metrics(log);
    addQuotaUse(metrics, new Map([['default', ofEngine]]), options);
    return metrics;
  };
  const tenants = (text: string): number => (text.match(/^quaywarden_tenant_quota_used\{/gm) ?? []).length;

  it('are counted once for many scrapes, of a hundred tenants', async () => {
    const count = vi.fn(async () => full);
    const metrics = add({
      quotas: () => [
        { for: ['named'], containers: 10 },
        { for: ['*'], containers: 10 },
      ],
      seen: new Set(Array.from({ length: 300 }, (_, index) => `tenant-${index}`)),
      usage: count,
    });
    for (let scrapes = 0; scrapes < 3; scrapes += 1) expect(tenants(await metrics.text())).toBe(100);
    expect(count).toHaveBeenCalledTimes(100);
    expect(await metrics.text()).toContain(
      'quaywarden_tenant_quota_limit{tenant="named",resource="containers"} 10',
    );
  });

  it('are left out by a scrape when they come too late, or not at all', async () => {
    const quotas = () => [{ for: ['a'], containers: 10 }];
    const never = add({ quotas, seen: new Set(), usage: () => new Promise(() => {}) });
    const since = performance.now();
    expect(tenants(await never.text())).toBe(0);
    expect(performance.now() - since).toBeLessThan(5_000);
    const failing = add({ quotas, seen: new Set(), usage: () => Promise.reject(new Error('away')) });
    expect(tenants(await failing.text())).toBe(0);
    const none = vi.fn();
    const unused = add({ quotas: () => [], seen: new Set(['a']), usage: none });
    expect(tenants(await unused.text())).toBe(0);
    expect(none).not.toHaveBeenCalled();
  });
});

describe('spans', () => {
  it('wait in a queue that has an end, and those beyond are dropped and counted', async () => {
    // Nothing listens there.
    const receiver = { url: 'http://127.0.0.1:1/v1/traces', headers: {}, timeoutMs: 1_000, tls: {} };
    const spans = new Spans({ ...receiver, sampleRatio: 0, version: '0', instance: 'g' }, log);
    const conclusion = { effect: 'allow', reason: 'granted', status: 200 } as const;
    for (let count = 0; count < 3_000; count += 1) spans.ended(exchange('a', true), conclusion);
    expect(spans.counts).toEqual({ sent: 0, dropped: 4 * 3_000 - 8_192, waiting: 8_192 });
    spans.ended(exchange('a', false), conclusion);
    await spans.close();
    expect(spans.counts).toEqual({ sent: 0, dropped: 12_000, waiting: 0 });
  });
});

describe('certificates', () => {
  it('that can not be read are left out', () => {
    const files = { ca: '/nowhere', certificate: '/dev/null', key: '/dev/null' };
    const certificates = new Certificates([{ tls: files }]);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    certificates.use({ certificate: Buffer.from(broken), clientCa: undefined });
    expect(certificates.expiries()).toEqual([]);
    expect(certificates.condition()).toEqual({ ok: true });
  });
});
