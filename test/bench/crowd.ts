import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { ownLabels } from '../../src/tenancy/labels.ts';
import { OWNER } from './fixture.ts';

/** An Engine with a great many containers. */
export interface Crowd {
  readonly socket: string;
  close(): Promise<void>;
}

const CROWD = 5_000;

/** Each fourth container is the tenant's that is measured. */
const TENANTS = [OWNER.tenant, 'team-b', 'team-c', 'team-d'] as const;

type Listed = Readonly<Record<string, unknown>> & { readonly Labels: Readonly<Record<string, string>> };

/**
 * A real Engine takes minutes to create so many containers, and long to list them. So its list is made up of what it
 * says of those that it has, each of them many times with another id, name and owner, and kept as bytes; everything
 * else is asked of the Engine itself. What the list costs the Engine is therefore next to nothing, and what it costs
 * the gateway is all the more to be seen.
 */
export async function startCrowd(engineSocket: string): Promise<Crowd> {
  const { headers, body } = await get(engineSocket, '/v1.41/containers/json?all=1');
  const list = Buffer.from(`${JSON.stringify(multiplied(JSON.parse(body) as Listed[]))}\n`);
  const listHeaders = { ...headers };
  for (const name of ['content-length', 'transfer-encoding', 'connection', 'date']) delete listHeaders[name];

  const dir = mkdtempSync('/tmp/qwb-');
  const clear = (): void => rmSync(dir, { recursive: true, force: true });
  process.once('exit', clear);
  const server = createServer((asked, answer) => {
    const [path = ''] = (asked.url ?? '').split('?');
    if (asked.method !== 'GET' || !path.endsWith('/containers/json')) {
      pass(engineSocket, asked, answer);
      return;
    }
    // In chunks, as the Engine sends what is long.
    answer.writeHead(200, listHeaders);
    answer.write(list);
    answer.end();
  });
  const socket = `${dir}/docker.sock`;
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      process.removeListener('exit', clear);
      clear();
    },
  };
}

function multiplied(few: readonly Listed[]): Listed[] {
  return Array.from({ length: CROWD }, (_, n) => {
    const one = few[n % few.length];
    if (one === undefined) throw new Error('The Engine has no container to go by.');
    const tenant = TENANTS[n % TENANTS.length] ?? OWNER.tenant;
    return {
      ...one,
      Id: createHash('sha256').update(`crowd ${n}`).digest('hex'),
      Names: [`/crowd-${n}`],
      Labels: { ...one.Labels, ...ownLabels({ tenant, name: OWNER.name }) },
    };
  });
}

function pass(socketPath: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url: path, headers } = asked;
  const sent = request({ socketPath, method, path, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    // The gateway follows events, and minds when they begin.
    answer.flushHeaders();
    reply.pipe(answer);
  });
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  asked.pipe(sent);
}

function get(
  socketPath: string,
  path: string,
): Promise<{ readonly headers: IncomingMessage['headers']; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      if (reply.statusCode === 200) resolve({ headers: reply.headers, body });
      else reject(new Error(`${path}: ${reply.statusCode} ${body}`));
    });
    sent.on('error', reject).end();
  });
}
