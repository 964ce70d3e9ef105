import { BIG_MIB, type Fixture, tarHeader } from './fixture.ts';
import type { Task } from './load.ts';

/** One row of the table: what is asked of every contender. */
export interface Row {
  readonly name: string;
  /** What `units` of its results count. */
  readonly unit: 'requests' | 'bytes';
  readonly rounds: number;
  /** The task of one measurement, without its target. */
  task(): Promise<TaskWithout>;
  /** A shorter one that goes before the first round; absent where the first round is warm enough. */
  warmUp?(): TaskWithout;
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
export type TaskWithout = Without<Task, 'target'>;

const MIB = 1_048_576;
const EXEC_MIB = 1_024;

/** The rows of short requests. */
export function requestRows(): Row[] {
  const list = '/v1.41/containers/json?all=1';
  return [
    requestRow('GET /_ping, 1 connection', '/_ping', 1, false),
    requestRow('GET /_ping, 16 connections', '/_ping', 16, false),
    requestRow('GET /containers/json (50), 1 connection', list, 1, false),
    requestRow('GET /containers/json (50), 16 connections', list, 16, false),
    requestRow('GET /_ping, a new connection each, 1 at a time', '/_ping', 1, true),
    requestRow('GET /_ping, a new connection each, 8 at a time', '/_ping', 8, true),
  ];
}

/**
 * The rows of what tenancy adds.
 *
 * @param container by id and by name
 */
export function tenancyRows({ id, name }: { readonly id: string; readonly name: string }): Row[] {
  return [
    requestRow('inspect by full id', `/v1.41/containers/${id}/json`, 1, false),
    requestRow('inspect by name', `/v1.41/containers/${name}/json`, 1, false),
    requestRow('list of 50', '/v1.41/containers/json?all=1', 1, false),
  ];
}

/** The rows of what the audit log costs. */
export function auditRows({ id }: { readonly id: string }): Row[] {
  return [
    requestRow('GET /_ping', '/_ping', 50, false),
    requestRow('inspect by full id', `/v1.41/containers/${id}/json`, 50, false),
    requestRow('list of 50', '/v1.41/containers/json?all=1', 50, false),
  ];
}

/** The row of the long list: few requests a second, so each measurement is longer. */
export function crowdRow(): Row {
  const request = head('GET /v1.41/containers/json?all=1');
  const common = { kind: 'requests', request, connections: 1, fresh: false } as const;
  return {
    name: 'list of 5,000 (Engine of bytes)',
    unit: 'requests',
    rounds: 5,
    task: async () => ({ ...common, ms: 3_000 }),
    warmUp: () => ({ ...common, ms: 2_000 }),
  };
}

/** The rows of transfers. */
export function transferRows(fixture: Fixture): Row[] {
  const archive = `/v1.41/containers/${fixture.container}/archive`;
  const big = BIG_MIB * MIB;
  return [
    {
      name: `archive download, ${BIG_MIB} MiB`,
      unit: 'bytes',
      rounds: 3,
      task: async () => ({
        kind: 'download',
        request: head(`GET ${archive}?path=/data/big`, 'Connection: close'),
        atLeast: big,
      }),
    },
    {
      name: `archive upload, ${BIG_MIB} MiB`,
      unit: 'bytes',
      rounds: 3,
      task: async () => {
        // The archive: a header, the file, and two empty blocks.
        const bytes = 512 + big + 1_024;
        const framing = ['Content-Type: application/x-tar', `Content-Length: ${bytes}`, 'Connection: close'];
        return {
          kind: 'upload',
          request: head(`PUT ${archive}?path=/tmp`, ...framing),
          prefix: tarHeader('upload', big).toString('base64'),
          bytes,
        };
      },
    },
    {
      name: `exec stdout, ${EXEC_MIB} MiB`,
      unit: 'bytes',
      rounds: 3,
      task: async () => {
        const id = await fixture.newExec(EXEC_MIB);
        const upgrade = ['Connection: Upgrade', 'Upgrade: tcp'];
        const framing = ['Content-Type: application/json', 'Content-Length: 2', ...upgrade];
        return {
          kind: 'download',
          request: `${head(`POST /v1.41/exec/${id}/start`, ...framing)}{}`,
          atLeast: EXEC_MIB * MIB,
        };
      },
    },
  ];
}

function requestRow(name: string, path: string, connections: number, fresh: boolean): Row {
  const common = { kind: 'requests', request: head(`GET ${path}`), fresh } as const;
  return {
    name,
    unit: 'requests',
    rounds: 5,
    task: async () => ({ ...common, connections, ms: 1_000 }),
    warmUp: () => ({ ...common, connections: 16, ms: 1_500 }),
  };
}

function head(line: string, ...headers: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: docker', 'User-Agent: quaywarden-bench', ...headers, '', ''].join(
    '\r\n',
  );
}
