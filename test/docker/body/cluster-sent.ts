import { readdirSync, readFileSync } from 'node:fs';
import { CLUSTER_BODIES } from '../../../src/docker/body/models/cluster-bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { parseJson } from '../../../src/docker/strict-json.ts';

const DIRECTORY = 'test/data/bodies';
const FILE = /^cluster-(.+)\.jsonl$/;

/** One request of a client, as it arrived. */
export interface Sent {
  readonly client: string;
  readonly line: number;
  /** Method and target. */
  readonly request: string;
  readonly body: string;
}

/**
 * What real clients sent to a recording fake Engine, told to speak several API versions: every option of
 * `docker network|volume|swarm|node|secret|config|service|stack|plugin`, and of the libraries' methods.
 */
export const SENT: readonly Sent[] = readdirSync(DIRECTORY).flatMap((file) => {
  const client = FILE.exec(file)?.[1];
  if (client === undefined) return [];
  const lines = readFileSync(`${DIRECTORY}/${file}`, 'utf8').trim().split('\n');
  return lines.map((line, index) => ({ client, line: index + 1, ...JSON.parse(line) }) as Sent);
});

/** The operation of a request, and how its body is read. */
export function understood({ request, body }: Sent) {
  const [method = '', target = ''] = request.split(' ');
  const { operation, version } = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 56 });
  const type = CLUSTER_BODIES[operation.id];
  if (type === undefined) throw new Error(`no body of ${operation.id}`);
  return { operation, type, version, read: (text = body) => readBodyAs(type, parseJson(text), version) };
}
