import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { ownLabels } from '../../../src/tenancy/labels.ts';
import { OWNER } from './fixture.ts';
import { type PassingEngine, startPassing } from './passing.ts';

/** Each fourth container is the tenant's that is measured. */
const TENANTS = [OWNER.tenant, 'team-b', 'team-c', 'team-d'] as const;

type Listed = Readonly<Record<string, unknown>> & { readonly Labels: Readonly<Record<string, string>> };

/**
 * A real Engine takes minutes to create thousands of containers, and long to list them. So its list is made up of what
 * it says of those that it has, each of them many times with another id, name and owner, and kept as bytes; everything
 * else is asked of the Engine itself. What the list costs the Engine is therefore next to nothing, and what it costs
 * the gateway is all the more to be seen.
 *
 * @param tenants whose the containers are, in turns
 */
export async function startCrowd(
  engineSocket: string,
  containers = 5_000,
  tenants: readonly string[] = TENANTS,
): Promise<PassingEngine> {
  const { headers, body } = await ask(engineSocket, '/v1.41/containers/json?all=1');
  const many = multiplied(JSON.parse(body) as Listed[], containers, tenants);
  const list = Buffer.from(`${JSON.stringify(many)}\n`);
  const listHeaders = { ...headers };
  for (const name of ['content-length', 'transfer-encoding', 'connection', 'date']) delete listHeaders[name];
  return startPassing(engineSocket, {
    answer: (asked, answer) => {
      const [path = ''] = (asked.url ?? '').split('?');
      if (asked.method !== 'GET' || !path.endsWith('/containers/json')) return false;
      // In chunks, as the Engine sends what is long.
      answer.writeHead(200, listHeaders);
      answer.write(list);
      answer.end();
      return true;
    },
  });
}

function multiplied(few: readonly Listed[], count: number, tenants: readonly string[]): Listed[] {
  return Array.from({ length: count }, (_, n) => {
    const one = few[n % few.length];
    if (one === undefined) throw new Error('The Engine has no container to go by.');
    const tenant = tenants[n % tenants.length] ?? OWNER.tenant;
    return {
      ...one,
      Id: createHash('sha256').update(`crowd ${n}`).digest('hex'),
      Names: [`/crowd-${n}`],
      Labels: { ...one.Labels, ...ownLabels({ tenant, name: OWNER.name }) },
    };
  });
}

function ask(
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
