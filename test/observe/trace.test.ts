import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readHeaders } from '../../src/listener/framing.ts';
import { createTracing, readTraceContext } from '../../src/observe/trace.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { planted } from '../support/planted.ts';
import { scrape } from './scrape.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE}-${PARENT}-01`;
const UNSAMPLED = `00-${TRACE}-${PARENT}-00`;

function headersWith(...pairs: readonly string[]) {
  const rawHeaders = ['Host', 'docker', ...pairs];
  return readHeaders({ method: 'GET', target: '/', httpVersion: '1.1', rawHeaders });
}

describe('traceparent and tracestate', () => {
  const read = (...pairs: readonly string[]) => readTraceContext(headersWith(...pairs));

  it('are read as W3C Trace Context has them', () => {
    expect(read('Traceparent', SAMPLED, 'Tracestate', 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE')).toEqual({
      traceId: TRACE,
      parentId: PARENT,
      flags: '01',
      state: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    });
    expect(read('traceparent', UNSAMPLED, 'tracestate', 'a@b=1', 'tracestate', ' ,x=y z')?.state).toBe(
      'a@b=1,x=y z',
    );
  });

  it.each([
    ['nothing', []],
    ['two', ['traceparent', SAMPLED, 'traceparent', SAMPLED]],
    ['two in one', ['traceparent', `${SAMPLED}, ${SAMPLED}`]],
    ['another version', ['traceparent', `01-${TRACE}-${PARENT}-01`]],
    ['the version that is none', ['traceparent', `ff-${TRACE}-${PARENT}-01`]],
    ['more than there is', ['traceparent', `${SAMPLED}-00`]],
    ['capitals', ['traceparent', SAMPLED.toUpperCase()]],
    ['a trace of zeros', ['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]],
    ['a parent of zeros', ['traceparent', `00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['an id that is short', ['traceparent', `00-${TRACE.slice(1)}-${PARENT}-01`]],
    ['a space', ['traceparent', ` ${SAMPLED.replace('-', ' ')}`]],
    ['a state without a parent', ['tracestate', 'a=b']],
  ])('of %s are not heard', (_, pairs) => expect(read(...pairs)).toBeUndefined());

  it.each([
    ['a key twice', 'a=1,a=2'],
    ['a key in capitals', 'A=1'],
    ['no value', 'a'],
    ['an empty value', 'a='],
    ['an equals sign in the value', 'a=b=c'],
    ['no ASCII', 'a=\u00e9'],
    ['a system that is too long', `a@${'b'.repeat(15)}=1`],
    ['too much', `a=${'x'.repeat(255)},b=${'x'.repeat(255)}`],
    ['too many', Array.from({ length: 33 }, (__, index) => `k${index}=1`).join(',')],
    ['nothing', ' , '],
  ])('a state with %s is left out alone', (_, state) =>
    expect(read('traceparent', SAMPLED, 'tracestate', state)).toEqual({
      traceId: TRACE,
      parentId: PARENT,
      flags: '01',
      state: undefined,
    }),
  );
});

describe('what is exported', () => {
  it('is what the client samples, and a part of what comes without a trace', () => {
    const every = createTracing(1);
    const none = createTracing(0);
    const sampled = none(headersWith('traceparent', SAMPLED, 'tracestate', 'a=b'));
    expect(sampled).toMatchObject({ traceId: TRACE, spans: { parent: PARENT } });
    expect(sampled?.headers).toEqual({
      traceparent: `00-${TRACE}-${sampled?.spans?.engine}-01`,
      tracestate: 'a=b',
    });
    expect(every(headersWith('traceparent', UNSAMPLED))).toEqual({
      traceId: TRACE,
      headers: { traceparent: UNSAMPLED },
    });
    expect(none(headersWith())).toBeUndefined();
    const own = every(headersWith());
    expect(own?.headers['traceparent']).toBe(`00-${own?.traceId}-${own?.spans?.engine}-01`);
    expect(own?.spans?.parent).toBeUndefined();
    const ids = new Set(Array.from({ length: 50 }, () => every(headersWith())?.traceId));
    expect(ids.size).toBe(50);
  });

  it('is nothing where no receiver is named: what came is passed on', () => {
    const off = createTracing(undefined);
    expect(off(headersWith('traceparent', SAMPLED))).toEqual({
      traceId: TRACE,
      headers: { traceparent: SAMPLED },
    });
    expect(off(headersWith())).toBeUndefined();
  });
});

describe('through the gateway', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor();
  });
  afterAll(() => door.close());

  it.each([
    ['light', http('GET /v1.41/info', `Traceparent: ${SAMPLED}`, 'Tracestate: a=b')],
    ['plain', json('POST /v1.41/containers/create', '{}', `Traceparent: ${SAMPLED}`, 'Tracestate: a=b')],
    ['stream', http('GET /v1.41/events', `Traceparent: ${SAMPLED}`, 'Tracestate: a=b')],
    [
      'tunnel',
      json(
        'POST /v1.41/exec/x/start',
        '{}',
        'Connection: Upgrade',
        'Upgrade: tcp',
        `Traceparent: ${SAMPLED}`,
        'Tracestate: a=b',
      ),
    ],
  ])('the Engine gets them as they came, on the %s road, and records name the trace', async (_, bytes) => {
    await door.records();
    door.engine.taken();
    await door.exchange(bytes);
    const [request = ''] = door.engine.taken();
    expect(request).toMatch(new RegExp(`\r\ntraceparent: ${SAMPLED}\r\n`, 'i'));
    expect(request).toMatch(/\r\ntracestate: a=b\r\n/i);
    const records = await door.records(2);
    expect(records.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE]);
  });

  it('what is malformed goes nowhere, and the request is served', async () => {
    await door.records();
    door.engine.taken();
    for (const header of [`Traceparent: ${SAMPLED}x`, 'Tracestate: a=b', `X-Traceparent: ${SAMPLED}`]) {
      expect((await door.ask(http('GET /v1.41/info', header))).status).toBe(200);
    }
    // All on one connection that is kept.
    const bytes = door.engine.taken().join('');
    expect(bytes.match(/GET \/v1.41\/info/g)).toHaveLength(3);
    expect(bytes).not.toMatch(/trace(parent|state)/i);
    for (const record of await door.records(6)) expect(record).not.toHaveProperty('traceId');
  });

  it('a refusal names the trace once somebody is known, and not before', async () => {
    await door.records();
    const delete_ = http('DELETE /v1.41/containers/x', `Traceparent: ${SAMPLED}`);
    await door.ask(delete_, 'viewer');
    await door.ask(delete_, null);
    expect((await door.records(2)).map(({ traceId }) => traceId)).toEqual([TRACE, undefined]);
  });
});

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { key: string; value: { stringValue?: string; intValue?: string } }[];
}

/** A receiver of OTLP traces; `answers` says with what status, undefined is 200. */
async function spanReceiver(answers: () => number | undefined = () => undefined) {
  const spans: Span[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    headers.push(request.headers);
    const status = answers() ?? 200;
    if (status === 200) {
      const { resourceSpans } = JSON.parse(Buffer.concat(pieces).toString()) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{}' : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    headers,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('spans', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function open(receiver: { url: string; close(): void }, tracing: object = {}): Promise<FrontDoor> {
    const door = await openFrontDoor({
      config: {
        admin: { listen: '127.0.0.1:0' },
        tracing: { endpoint: receiver.url, sampleRatio: 1, ...tracing },
      },
    });
    closers.push(receiver.close, () => door.close());
    return door;
  }

  async function until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    for (const deadline = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const found = await find();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error('it did not come');
    }
  }

  const told = (span: Span | undefined): Record<string, string | undefined> =>
    Object.fromEntries(
      (span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
    );

  it('tell of a request and of its parts, and hang on those of the client and of the Engine', async () => {
    const receiver = await spanReceiver();
    const secret = planted('tracing');
    const door = await open(receiver, { headers: { authorization: `Bearer ${secret}` } });
    door.engine.taken();
    const before = BigInt(Date.now()) * 1_000_000n;
    await door.ask(http('GET /v1.41/info', `Traceparent: ${SAMPLED}`));
    const [request = ''] = door.engine.taken();
    await door.ask(http(`DELETE /v1.41/containers/x`), 'viewer');
    await door.ask(http('GET /v1.41/info', `Traceparent: ${SAMPLED}`), null);
    const spans = await until(() => (receiver.spans.length >= 10 ? receiver.spans : undefined));
    expect(receiver.headers[0]).toMatchObject({ authorization: `Bearer ${secret}` });

    const ofClient = spans.filter(({ traceId }) => traceId === TRACE);
    expect(ofClient.map(({ name }) => name)).toEqual(['SystemInfo', 'decision', 'audit', 'engine']);
    const [server, decision, audit, engine] = ofClient;
    expect([server?.parentSpanId, server?.kind, engine?.kind]).toEqual([PARENT, 2, 3]);
    for (const part of [decision, audit, engine]) expect(part?.parentSpanId).toBe(server?.spanId);
    expect(request).toMatch(new RegExp(`\r\ntraceparent: 00-${TRACE}-${engine?.spanId}-01\r\n`));
    expect(told(server)).toMatchObject({
      'quaywarden.operation': 'SystemInfo',
      'quaywarden.effect': 'allow',
      'quaywarden.reason': 'granted',
      'user.name': 'alice',
      'http.response.status_code': '200',
    });
    // In order, one in the other, and now.
    const times = [server, decision, audit, engine].map((span) => [
      BigInt(span?.startTimeUnixNano ?? 0),
      BigInt(span?.endTimeUnixNano ?? 0),
    ]);
    for (const [begin = 0n, end = 0n] of times) {
      expect(begin >= before && begin <= end && end <= BigInt(Date.now()) * 1_000_000n).toBe(true);
      expect(begin >= (times[0]?.[0] ?? 0n) && end <= (times[0]?.[1] ?? 0n)).toBe(true);
    }
    // Who is refused has a trace of the gateway's; of somebody unknown what the client says is not heard.
    const others = spans.filter(({ traceId }) => traceId !== TRACE);
    expect(others.map(({ name }) => name)).toEqual([
      'ContainerDelete',
      'decision',
      'audit',
      'request',
      'decision',
      'audit',
    ]);
    expect(told(others[0])).toMatchObject({ 'quaywarden.reason': 'not-granted', 'user.name': 'viewer' });
    expect(told(others[3])).toMatchObject({ 'quaywarden.reason': 'no-identity' });
    const labels = { outcome: 'sent' };
    const now = await until(async () => {
      const scraped = await scrape(door.gateway);
      return scraped.of('quaywarden_trace_spans_total', labels) === 10 ? scraped : undefined;
    });
    expect(now.of('quaywarden_trace_spans_total', { outcome: 'dropped' })).toBe(0);
    expect(now.of('quaywarden_trace_queue_spans')).toBe(0);
  });

  it('wait for a receiver that is busy, and are sent at a stop', async () => {
    let busy = 1;
    const receiver = await spanReceiver(() => {
      busy -= 1;
      return busy >= 0 ? 503 : undefined;
    });
    const door = await open(receiver);
    await door.ask(http('GET /v1.41/info'));
    await until(() => (receiver.headers.length >= 1 ? true : undefined));
    expect(receiver.spans).toEqual([]);
    await until(() => (receiver.spans.length === 4 ? true : undefined));
    await door.ask(http('GET /v1.41/info'));
    await door.gateway.stop();
    expect(receiver.spans.length).toBe(8);
  });

  it('that nobody takes are dropped and counted, and no request waits for them', async () => {
    const receiver = await spanReceiver(() => 400);
    const door = await open(receiver);
    for (let count = 0; count < 5; count += 1)
      expect((await door.ask(http('GET /v1.41/info'))).status).toBe(200);
    const labels = { outcome: 'dropped' };
    await until(async () =>
      (await scrape(door.gateway)).of('quaywarden_trace_spans_total', labels) === 20 ? true : undefined,
    );
    expect(door.gateway.log()).toMatch(
      /spans can not be sent: the OTLP receiver at .* refuses spans \(400\)/,
    );
  });
});
