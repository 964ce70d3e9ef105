import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import fc from 'fast-check';
import { type Gateway, issueToken } from '../support/gateway.ts';
import { type Damage, samples } from './bodies.ts';
import { excesses, type Inspected } from './oracle.ts';

export interface FuzzOptions {
  /** In front of the Engine, with the starter policies. */
  readonly gateway: Gateway;
  /** The Engine's own socket. */
  readonly socket: string;
  readonly seed: number;
  readonly count: number;
  /** The run ends after this long, whatever `count` says. */
  readonly seconds: number;
  progress?(report: Report): void;
}

export interface Report {
  sent: number;
  /** Created by the Engine, and found within the profile. */
  created: number;
  /** Refused by the gateway, by reason id. */
  readonly refused: Record<string, number>;
  /** Of the refused: what the Engine, asked directly, refuses too, so that the reason can not be held against it. */
  alsoRefused: number;
  /** Let through by the gateway and refused by the Engine. */
  refusedByEngine: number;
  /** What must not be. */
  readonly findings: string[];
}

/** Reasons for which the form of a body is refused, and what then must have been done to it. */
const FORM: Readonly<Record<string, readonly Damage[]>> = {
  'body-json': ['duplicate-key', 'not-json'],
  'body-field-case': ['folded-key'],
  'body-field-duplicate': ['folded-key', 'duplicate-key'],
  'body-field-type': ['wrong-type'],
  'body-field-unknown': ['unknown-field', 'top-level'],
};

/**
 * What `baseline` refuses because it is asked for, although this Engine would have done the same unasked: another
 * Engine may have a runtime that shields, or private cgroup namespaces, for its defaults.
 */
const ASKED: Readonly<Record<string, RegExp>> = {
  runtime: /"Runtime":\s*"runc"/,
  'host-namespace': /"CgroupnsMode":\s*"host"/,
  // In a network of its own the inspection shows links once the container runs.
  'container-link': /"Links":\s*\["fuzz-other:db"\]/,
};

const AT_ONCE = 6;
const MOST_FINDINGS = 20;

interface Reply {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends generated bodies of ContainerCreate through the gateway to a real Engine as a `developer`, who is held to
 * `baseline`. Whatever is created is inspected, and must be within the profile by another judgement than the
 * gateway's; whatever is refused is sent to the Engine directly, where the container must then have too much.
 */
export async function fuzz(options: FuzzOptions): Promise<Report> {
  const { gateway, socket, seed, count, seconds } = options;
  const token = await issueToken(gateway, 'fuzz', '--role', 'developer');
  const through = new TlsAgent({
    keepAlive: true,
    maxSockets: AT_ONCE,
    ca: readFileSync(`${gateway.certPath('admin')}/ca.pem`),
  });
  const direct = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const report: Report = {
    sent: 0,
    created: 0,
    refused: {},
    alsoRefused: 0,
    refusedByEngine: 0,
    findings: [],
  };

  const gatewayRequest = {
    host: '127.0.0.1',
    port: gateway.port,
    agent: through,
    headers: { Authorization: `Bearer ${token}` },
  };
  const toGateway = (path: string, body: Buffer): Promise<Reply> =>
    ask(httpsRequest, { ...gatewayRequest, method: 'POST', path }, body);
  const toEngine = (method: string, path: string, body?: Buffer): Promise<Reply> =>
    ask(httpRequest, { socketPath: socket, agent: direct, method, path }, body);

  const inspect = async (id: string): Promise<Inspected> =>
    JSON.parse((await toEngine('GET', `/v1.41/containers/${id}/json`)).text);
  const remove = (id: string): Promise<Reply> => toEngine('DELETE', `/v1.41/containers/${id}?force=1&v=1`);
  const idOf = ({ text }: Reply): string => (JSON.parse(text) as { readonly Id: string }).Id;

  await toEngine(
    'POST',
    '/v1.41/networks/create',
    Buffer.from('{"Name":"fuzznet","IPAM":{"Config":[{"Subnet":"10.77.0.0/24"}]}}'),
  );
  await toEngine('POST', '/v1.41/containers/create?name=fuzz-other', Buffer.from('{"Image":"busybox"}'));
  const usual = await inspect('fuzz-other');

  const one = async (bytes: Buffer, damage: Damage): Promise<void> => {
    const find = (what: string): void => {
      if (report.findings.length < MOST_FINDINGS)
        report.findings.push(`${what} (${damage}): ${bytes.toString('latin1').slice(0, 600)}`);
    };
    const reply = await toGateway('/v1.41/containers/create', bytes);
    if (reply.status === 201) {
      const id = idOf(reply);
      const found = excesses(await inspect(id), usual);
      if (found.length > 0) find(`created with ${found.join(', ')}`);
      report.created += 1;
      await remove(id);
      return;
    }
    const reason = /quaywarden: .* \[([a-z-]+)\]/s.exec(reply.text)?.[1];
    if (reason === undefined) {
      if (reply.status >= 500 && !/OCI|runtime|driver|mount/i.test(reply.text))
        find(`the Engine answered ${reply.status} ${reply.text}`);
      report.refusedByEngine += 1;
      return;
    }
    report.refused[reason] = (report.refused[reason] ?? 0) + 1;
    if (reply.status >= 500) return find(`refused with ${reply.status} ${reason}`);
    if (reason in FORM) {
      if (!FORM[reason]?.includes(damage)) find(`refused as ${reason} without cause`);
      return;
    }
    const made = await toEngine('POST', '/v1.41/containers/create', bytes);
    if (made.status !== 201) {
      report.alsoRefused += 1;
      return;
    }
    const id = idOf(made);
    const held = excesses(await inspect(id), usual).length > 0 || ASKED[reason]?.test(bytes.toString());
    if (!held) find(`refused as ${reason} although it is within baseline, ${reply.text}`);
    await remove(id);
  };

  const until = Date.now() + seconds * 1_000;
  let batch = 0;
  while (report.sent < count && Date.now() < until) {
    const some = fc.sample(samples, { seed: seed + batch, numRuns: Math.min(500, count - report.sent) });
    batch += 1;
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < some.length && Date.now() < until; at = next++) {
        const sample = some[at];
        if (sample === undefined) return;
        await one(sample.bytes, sample.damage);
        report.sent += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    options.progress?.(report);
  }
  await remove('fuzz-other');
  await toEngine('DELETE', '/v1.41/networks/fuzznet');
  through.destroy();
  direct.destroy();
  return report;
}

function ask(
  send: typeof httpRequest | typeof httpsRequest,
  options: RequestOptions,
  body?: Buffer,
): Promise<Reply> {
  const framing =
    body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const sent = send({ ...options, headers: { ...options.headers, ...framing } }, async (reply) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk as Buffer);
        resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject).end(body);
  });
}
