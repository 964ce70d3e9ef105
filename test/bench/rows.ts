import { BIG_MIB, EXEC_MIB, type Fixture, tarHeader } from './engines/fixture.ts';
import type { Connections, RequestsTask, Task } from './load/task.ts';

/** One row of a table: what is asked of every contender. */
export interface Row {
  readonly name: string;
  /** What `units` of its results count. */
  readonly unit: 'requests' | 'bytes' | 'keys';
  readonly rounds: number;
  /** Contenders that can not do it, or that another row answers for. */
  readonly without?: readonly string[];
  /** The task of one measurement, without its target. */
  task(): Promise<TaskWithout>;
  /** Another one that goes before the first round. */
  warmUp?(): Without<RequestsTask, 'target'>;
  /** How many rounds go before the first that is measured; default: none. */
  readonly unmeasured?: number;
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
export type TaskWithout = Without<Task, 'target'>;

/** Names of rows, which the goals are read from. */
export const ROWS = {
  ping16: 'GET /_ping, 16 connections',
  ping64: 'GET /_ping, 64 connections',
  inspect16: 'inspect by id, 16 connections',
  inspect64: 'inspect by id, 64 connections',
  list50: 'list of 50, 16 connections',
  list1000: 'list of 1,000, 16 connections',
  offeredPing: 'GET /_ping',
  offeredInspect: 'inspect by id',
  full: 'new connection, full handshake',
  resumed: 'new connection, resumed',
  download: `archive download, ${BIG_MIB} MiB`,
  upload: `archive upload, ${BIG_MIB} MiB`,
  save: `image save, ${BIG_MIB} MiB`,
  load: `image load, ${BIG_MIB} MiB`,
  exec: `exec stdout, ${EXEC_MIB} MiB`,
  echo: 'exec keystroke echo',
} as const;

const MIB = 1_048_576;
export const LIST = '/v1.41/containers/json?all=1';

/** It is there for what a short request costs at least that is recorded. */
const RECORDING = 'node, recording';

/**
 * V8 compiles for seconds: no contender of JavaScript is measured before it has answered so many pings, so many of another kind, and
 * so many lists, that it gets no faster by more of them; some before each further row.
 */
const FIRST_PINGS = 16_000;
const FIRST_REQUESTS = 8_000;
const FIRST_LISTS = 400;
const WARM_REQUESTS = 600;
/** What is done once a connection is compiled late. */
const FIRST_CONNECTIONS = 3_000;
const KEYS = 200;

/** A container by what it can be asked for. */
interface Asked {
  readonly id: string;
  readonly name: string;
}

export const inspectOf = ({ id }: Pick<Asked, 'id'>): string => `/v1.41/containers/${id}/json`;

/** The rows of short requests, in a closed loop. */
export function requestRows(container: Asked): Row[] {
  const inspect = inspectOf(container);
  return [
    loopRow(ROWS.ping16, '/_ping', 16, 500, FIRST_PINGS),
    { ...loopRow(ROWS.ping64, '/_ping', 64), without: ['socket'] },
    loopRow(ROWS.inspect16, inspect, 16, 500, FIRST_REQUESTS),
    { ...loopRow(ROWS.inspect64, inspect, 64), without: ['socket'] },
    { ...loopRow(ROWS.list50, LIST, 16, 700, FIRST_LISTS), without: ['haproxy, 1 thread', RECORDING] },
  ];
}

/** The row by which one worker and several are compared, each of which has to be warm. */
export function manyPings(): Row {
  return loopRow(ROWS.ping64, '/_ping', 64, 500, FIRST_PINGS);
}

/** The row of the list of 1,000, of which an Engine makes some thirty a second. */
export function longListRow(): Row {
  return {
    ...loopRow(ROWS.list1000, LIST, 16, 2_500, 16),
    rounds: 3,
    without: ['haproxy, 1 thread', 'nginx', 'node', RECORDING, 'socket'],
  };
}

/** The rows of a constant rate. */
export function offeredRows(container: Asked): Row[] {
  const row = (name: string, path: string): Row => {
    const common = { request: get(path), connections: 16 } as const;
    return {
      name,
      unit: 'requests',
      rounds: 3,
      without: ['haproxy, 1 thread', 'socket'],
      task: async () => ({ ...common, kind: 'offered', perSecond: 1_000, ms: 1_100 }),
      warmUp: () => ({ ...common, kind: 'requests', lives: 'kept', ms: 300, atLeast: WARM_REQUESTS }),
    };
  };
  return [row(ROWS.offeredPing, '/_ping'), row(ROWS.offeredInspect, inspectOf(container))];
}

/** The rows of a new connection for each request. */
export function connectionRows(): Row[] {
  const row = (name: string, lives: Connections, atLeast: number): Row => {
    const common = { kind: 'requests', request: get('/_ping'), lives, connections: 8 } as const;
    return {
      name,
      unit: 'requests',
      rounds: 4,
      without: [RECORDING, 'socket'],
      task: async () => ({ ...common, ms: 600 }),
      // Resumed ones take the same way, and half as long.
      warmUp: () => ({ ...common, lives: 'resumed', ms: 300, atLeast }),
    };
  };
  return [row(ROWS.full, 'full', FIRST_CONNECTIONS), row(ROWS.resumed, 'resumed', WARM_REQUESTS)];
}

/**
 * The rows of what tenancy adds.
 *
 * @param container by id and by name
 */
export function tenancyRows({ id, name }: Asked): Row[] {
  return [
    briefRow('inspect by full id', inspectOf({ id }), 1),
    briefRow('inspect by name', inspectOf({ id: name }), 1),
    briefRow('list of 50', LIST, 1),
  ];
}

/** The rows of what the audit log costs. */
export function auditRows({ id }: Pick<Asked, 'id'>): Row[] {
  return [
    loopRow('GET /_ping', '/_ping', 50, 500, FIRST_PINGS),
    loopRow('inspect by full id', inspectOf({ id }), 50, 500, FIRST_REQUESTS),
  ];
}

/** The row of the long list: few requests a second, so each measurement is longer. */
export function crowdRow(): Row {
  return { ...loopRow('list of 5,000 (Engine of bytes)', LIST, 1, 1_000, 10), rounds: 3 };
}

/** The rows of transfers. */
export function transferRows(fixture: Fixture): Row[] {
  const archive = `/v1.41/containers/${fixture.container}/archive`;
  const big = BIG_MIB * MIB;
  const common = {
    unit: 'bytes',
    rounds: 3,
    unmeasured: 1,
    without: ['haproxy, 1 thread', RECORDING, 'socket'],
  } as const;
  const close = 'Connection: close';
  return [
    {
      ...common,
      name: ROWS.download,
      task: async () => ({
        kind: 'download',
        request: get(`${archive}?path=/data/big`, close),
        atLeast: big,
      }),
    },
    {
      ...common,
      name: ROWS.upload,
      task: async () => {
        // The archive: a header, the file, and two empty blocks.
        const bytes = 512 + big + 1_024;
        return {
          kind: 'upload',
          request: archivePut(fixture.container, bytes),
          body: { bytes, prefix: tarHeader('upload', big).toString('base64') },
        };
      },
    },
    {
      ...common,
      name: ROWS.save,
      task: async () => ({
        kind: 'download',
        request: get(`/v1.41/images/${fixture.image.name}/get`, close),
        atLeast: big,
      }),
    },
    {
      ...common,
      name: ROWS.load,
      task: async () => ({
        kind: 'upload',
        request: head('POST /v1.41/images/load?quiet=1', ...tarOf(fixture.image.bytes), close),
        body: fixture.image,
      }),
    },
    {
      ...common,
      name: ROWS.exec,
      task: async () => ({
        kind: 'download',
        request: execStart(await fixture.newExec(EXEC_MIB), false),
        atLeast: EXEC_MIB * MIB,
      }),
    },
  ];
}

/** The row of keys that are typed on a terminal. haproxy 2.6 answers 200 for 101, and no key arrives. */
export function echoRow(fixture: Fixture): Row {
  return {
    name: ROWS.echo,
    unit: 'keys',
    rounds: 5,
    without: ['haproxy', 'haproxy, 1 thread', 'node', RECORDING],
    task: async () => ({
      kind: 'echo',
      request: execStart(await fixture.newTerminal(), true),
      keys: KEYS,
    }),
  };
}

/** The request that puts an archive of so many bytes into a container. */
export function archivePut(container: string, bytes: number): string {
  return head(`PUT /v1.41/containers/${container}/archive?path=/tmp`, ...tarOf(bytes), 'Connection: close');
}

/** The request that starts an exec and takes its connection over. */
export function execStart(id: string, isTerminal: boolean): string {
  const body = JSON.stringify({ Detach: false, Tty: isTerminal });
  const framing = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  return `${head(`POST /v1.41/exec/${id}/start`, ...framing, 'Connection: Upgrade', 'Upgrade: tcp')}${body}`;
}

/** A row of requests in a closed loop. */
export function loopRow(
  name: string,
  path: string,
  connections: number,
  ms = 500,
  warmRequests = WARM_REQUESTS,
): Row {
  const common = { kind: 'requests', request: get(path), lives: 'kept', connections } as const;
  return {
    name,
    unit: 'requests',
    rounds: 4,
    task: async () => ({ ...common, ms }),
    warmUp: () => ({ ...common, ms: 300, atLeast: warmRequests }),
  };
}

function briefRow(name: string, path: string, connections: number): Row {
  return { ...loopRow(name, path, connections, 500, 400), rounds: 3 };
}

/** A GET of the benchmark, as bytes. */
export function get(path: string, ...headers: string[]): string {
  return head(`GET ${path}`, ...headers);
}

function tarOf(bytes: number): string[] {
  return ['Content-Type: application/x-tar', `Content-Length: ${bytes}`];
}

function head(line: string, ...headers: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: docker', 'User-Agent: quaywarden-bench', ...headers, '', ''].join(
    '\r\n',
  );
}
