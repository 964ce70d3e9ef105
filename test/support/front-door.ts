import { mkdirSync, writeFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { expect } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { type FakeEngine, polite, type Script, startFakeEngine } from './fake-engine.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import { type Answer, type RawClient, rawClient, readAnswer } from './http.ts';
import { type Authority, type CertificateOptions, createCa, type Issued, writeCertDir } from './pki.ts';

/** A gateway in its own process with a recording fake Engine behind it, and a CA of ours for its clients. */
export interface FrontDoor {
  readonly gateway: Gateway;
  readonly engine: FakeEngine;
  readonly ca: Authority;
  /** Folder with the certificate of a client that this CA issues; once for each name. */
  certPath(name: string, options?: CertificateOptions | Issued): Promise<string>;
  /** A connection of the client of that name; null: without a certificate. */
  connect(as?: string | null, options?: ConnectionOptions): Promise<RawClient>;
  /**
   * Sends bytes on a connection of their own, ends it once it was answered, and returns all that came back until it
   * was closed.
   */
  exchange(bytes: string | Buffer, as?: string | null): Promise<string>;
  /** The same, read as one answer. */
  ask(bytes: string | Buffer, as?: string | null): Promise<Answer>;
  /**
   * The records since the last call, once there are at least `least` of them; without a number, once every exchange
   * that was decided is complete too, or two seconds later.
   */
  records(least?: number): Promise<RequestLine[]>;
  close(): Promise<void>;
}

export interface FrontDoorOptions extends Omit<GatewayOptions, 'engineSocket'> {
  readonly script?: Script;
  /** A real Engine's socket; the fake one stands idle then. */
  readonly engineSocket?: string;
}

/** Clients there are from the start: what their certificates say beside CN = their name. */
const CLIENTS: Readonly<Record<string, CertificateOptions>> = {
  alice: { cn: 'alice', o: 'team-a', ou: 'operator' },
  viewer: { cn: 'viewer', o: 'team-a', ou: 'viewer' },
  nobody: { cn: 'nobody', o: 'team-a' },
};

/** Starts both; `alice` is an operator, `viewer` a viewer, `nobody` holds no role. */
export async function openFrontDoor(options: FrontDoorOptions = {}): Promise<FrontDoor> {
  const { script = polite, engineSocket, prepare, config, ...rest } = options;
  const engine = await startFakeEngine(script);
  const ca = await createCa({ cn: 'Client CA' });
  const gateway = await startGateway({
    ...rest,
    engineSocket: engineSocket ?? engine.socketPath,
    config: { tls: { clientCa: 'clients/ca.pem' }, ...config },
    prepare: async (dir) => {
      mkdirSync(`${dir}/clients`);
      writeFileSync(`${dir}/clients/ca.pem`, ca.certificate);
      await prepare?.(dir);
    },
  });
  // It has asked the Engine for its version by then: from here on a script meets requests of clients only.
  while (!/Docker Engine/.test(gateway.log())) {
    if (/the gateway ends/.test(gateway.log())) throw new Error(gateway.log());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const serverCa = `${gateway.certPath('admin')}/ca.pem`;
  const folders = new Map<string, string>();
  let seen = 0;

  const certPath: FrontDoor['certPath'] = async (name, given = CLIENTS[name] ?? {}) => {
    const known = folders.get(name);
    if (known !== undefined) return known;
    const client = 'x509' in given ? given : await ca.issue({ cn: name, ...given });
    const made = writeCertDir(`${gateway.dir}/clients/${name}`, ca, client);
    folders.set(name, made);
    return made;
  };
  const connect: FrontDoor['connect'] = async (as = 'alice', tls = {}) =>
    rawClient(gateway.port, serverCa, as === null ? undefined : await certPath(as), tls);
  const exchange: FrontDoor['exchange'] = async (bytes, as) => {
    const client = await connect(as);
    client.write(bytes);
    await client.answered(methodOf(bytes));
    client.end();
    const all = await client.closed();
    client.socket.destroy();
    return all;
  };
  return {
    gateway,
    engine,
    ca,
    certPath,
    connect,
    exchange,
    ask: async (bytes, as) => readAnswer(await exchange(bytes, as), methodOf(bytes)),
    records: async (least) => {
      const deadline = Date.now() + (least === undefined ? 2_000 : 10_000);
      for (;;) {
        const all = gateway.auditRecords();
        const late = Date.now() > deadline;
        if (least === undefined ? late || isSettled(all) : all.length - seen >= least) {
          const fresh = all.slice(seen);
          seen = all.length;
          return fresh;
        }
        if (late) throw new Error(`no ${least} records but ${JSON.stringify(all.slice(seen))}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: async () => {
      await gateway.stop();
      await engine.close();
    },
  };
}

/** What must be true of a refusal. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
  /** Part of the sentence. */
  readonly message?: string | RegExp;
  readonly operation?: string | null;
  readonly field?: string | null;
  /** Name of the principal in the record; default: that of the client. Null: not known at that stage. */
  readonly principal?: string | null;
}

/**
 * Sends a request that must not pass: the answer has this status and reason in the Engine's form, there is exactly
 * one record, it says the same, and no byte reached the Engine, not even after the client has gone.
 */
export async function expectRefused(
  door: FrontDoor,
  bytes: string | Buffer,
  expected: Refused,
  as: string | null = 'alice',
): Promise<{ answer: Answer; record: RequestLine }> {
  door.engine.taken();
  await door.records();
  const all = await door.exchange(bytes, as);
  const answer = readAnswer(all, methodOf(bytes));
  const records = await door.records(1);
  const [record] = records as [RequestLine];
  const { status, reason, operation, field, message } = expected;
  const { principal = as } = expected;
  const text = methodOf(bytes) === 'HEAD' ? (record.decision.message ?? '') : messageOf(answer);
  expect({ status: answer.status, reason: record.decision.reason, text }).toMatchObject({ status, reason });
  if (methodOf(bytes) !== 'HEAD') {
    expect(text).toBe(`quaywarden: ${record.decision.message} [${reason}]`);
    expect(answer.header('content-type')).toEqual(['application/json']);
  }
  if (message !== undefined) expect(record.decision.message).toMatch(message);
  expect(records.map((each) => [each.stage, each.decision.reason])).toEqual([['refused', reason]]);
  expect(answer.header('quaywarden-request-id')).toEqual([record.id]);
  expect(record).toMatchObject({
    principal: principal === null ? null : { name: principal },
    decision: { effect: 'deny', reason },
    outcome: { status },
  });
  if (operation !== undefined) expect(record.request.operation).toBe(operation);
  if (field !== undefined) expect(record.decision.field).toBe(field);
  expect(answer.rest).toBe('');
  expect(door.engine.taken()).toEqual([]);
  return { answer, record };
}

/**
 * Sends a request that must pass: the Engine has received exactly `forwarded` and there are two records.
 *
 * @param forwarded the bytes, or a pattern that all of them match
 */
export async function expectForwarded(
  door: FrontDoor,
  bytes: string | Buffer,
  forwarded: string | RegExp,
  as = 'alice',
): Promise<{ answer: Answer; records: RequestLine[] }> {
  door.engine.taken();
  await door.records();
  const answer = await door.ask(bytes, as);
  const taken = door.engine.taken();
  expect({ answer: `${answer.status} ${answer.body}`, taken }).toEqual({
    answer: expect.not.stringContaining('quaywarden:'),
    taken: [typeof forwarded === 'string' ? forwarded : expect.stringMatching(forwarded)],
  });
  const records = await door.records(2);
  expect(records.map(({ stage }) => stage)).toEqual(['decision', 'complete']);
  return { answer, records };
}

/** A request of lines; `Host` is added, and what follows an empty line is the body. */
export function http(line: string, ...more: readonly string[]): string {
  const blank = more.indexOf('');
  const headers = blank === -1 ? more : more.slice(0, blank);
  const body = blank === -1 ? '' : more.slice(blank + 1).join('\r\n');
  return [`${line} HTTP/1.1`, 'Host: docker', ...headers, '', body].join('\r\n');
}

/** A request with a JSON body. */
export function json(line: string, body: string, ...headers: readonly string[]): string {
  const length = Buffer.byteLength(body);
  return http(line, 'Content-Type: application/json', `Content-Length: ${length}`, ...headers, '', body);
}

/** The request as the Engine receives it on the road of short exchanges. */
export function plainly(line: string, ...more: readonly string[]): string {
  const hasBody = more.some((header) => header.startsWith('content-type:'));
  if (!hasBody)
    return http(line, ...more.map((header) => header.replace(/^content-length/, 'Content-Length')));
  return http(line, 'connection: keep-alive', ...more).replace('Host:', 'host:');
}

function isSettled(records: readonly RequestLine[]): boolean {
  const count = (stage: RequestLine['stage']) => records.filter((record) => record.stage === stage).length;
  return count('decision') === count('complete');
}

/** The sentence of a refusal. */
export function messageOf(answer: Answer): string {
  try {
    return (JSON.parse(answer.body) as { message: string }).message;
  } catch {
    return `not in the Engine's form: ${answer.body}`;
  }
}

function methodOf(bytes: string | Buffer): string {
  return (typeof bytes === 'string' ? bytes : bytes.toString('latin1')).split(' ', 1)[0] ?? '';
}
