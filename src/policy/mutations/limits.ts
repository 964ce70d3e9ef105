import type { Content } from '../../docker/content.ts';
import type { ResourceFacts } from '../../docker/facts/types.ts';
import { parseSize } from '../../docker/size.ts';
import { hostConfigOf, type Mutation, withHostConfig } from './mutation.ts';

type Fields = Readonly<Record<string, bigint>>;

function limit(fact: keyof ResourceFacts, fieldsFor: (content: Content) => Fields, change: string): Mutation {
  return ({ api, content, facts }) => {
    if (api.operation.id !== 'ContainerCreate' || content === undefined) return undefined;
    if (facts.resources[fact] !== undefined) return undefined;
    return { content: withHostConfig(content, fieldsFor(content)), change };
  };
}

/** Limits memory where no limit is asked for. @param size as Docker writes it: `512m`, `2g` */
export function limitMemory(size: string): Mutation {
  const bytes = bytesOf(size);
  return limit('memory', () => ({ Memory: bytes }), `memory was limited to ${size}`);
}

function bytesOf(size: string): bigint {
  const bytes = parseSize(size);
  if (bytes === undefined) throw new Error(`"${size}" is no size`);
  return bytes;
}

/** Limits CPU time where no limit is asked for. @param cpus how many CPUs, e.g. 1.5 */
export function limitCpus(cpus: number): Mutation {
  const change = `CPU time was limited to ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
  return limit('nanoCpus', (content) => cpuLimit(cpus, hostConfigOf(content, 'CpuPeriod')), change);
}

/** The Engine takes either NanoCpus or a quota of a period, not both. */
function cpuLimit(cpus: number, period: unknown): Fields {
  return typeof period === 'bigint' && period > 0n
    ? { CpuQuota: BigInt(Math.round(cpus * Number(period))) }
    : { NanoCpus: BigInt(Math.round(cpus * 1e9)) };
}

/** Limits the number of processes where no limit is asked for. */
export function limitPids(pids: number): Mutation {
  return limit('pids', () => ({ PidsLimit: BigInt(pids) }), `the number of processes was limited to ${pids}`);
}
