import type { AuditLine, RequestLine } from '../record.ts';
import type { Filter } from './filter.ts';
import { resourceText } from './names.ts';

/** One request, or one thing that happened to the log, as a line of a table. */
export interface Row {
  /** When it arrived. */
  readonly time: string;
  readonly principal: string;
  readonly tenant: string;
  readonly operation: string;
  readonly resource: string;
  readonly effect: string;
  readonly reason: string;
  /** HTTP status of the answer; `open` while the request goes on, `-` when there was no answer. */
  readonly status: string;
  /** Milliseconds; undefined while it goes on. */
  readonly duration: number | undefined;
}

/** Requests that have begun are held back at most this many rows for their end. */
const MOST_HELD = 10_000;

interface Held {
  readonly id: string;
  row: Row;
  done: boolean;
}

/**
 * Makes rows of lines, a request one row: its `decision` and its `complete` are joined. A request belongs to a period when
 * it arrived in it.
 *
 * Rows come in the order in which requests arrived, and wait for those before them to end: up to 10,000 rows, then a
 * request is shown as `open`, and once more when it ends. Once `goLive` was called they come as they end, and of sessions
 * one more when they begin.
 */
export class Rows {
  readonly #filter: Filter;
  readonly #open = new Map<string, Held>();
  #queue: Held[] = [];
  #live = false;

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  /** @returns the rows that can be shown now */
  push(line: AuditLine): Row[] {
    if (line.type !== 'request') return this.#event(line);
    if (!this.#filter.matches(line)) return [];
    const known = this.#open.get(line.id);
    const arrived = known?.row.time ?? arrivalOf(line);
    if (!this.#isWithin(arrived)) return [];
    const done = line.outcome !== undefined && line.stage !== 'stream-end';
    const held: Held = known ?? { id: line.id, row: rowOf(line, arrived), done };
    held.row = rowOf(line, arrived);
    held.done = done;
    if (done) this.#open.delete(line.id);
    else this.#open.set(line.id, held);
    if (this.#live) {
      if (this.#open.size > MOST_HELD) this.#open.delete(this.#open.keys().next().value as string);
      return done || line.stage === 'stream-start' ? [held.row] : [];
    }
    if (known === undefined) this.#queue.push(held);
    return this.#ready();
  }

  /** From now on rows come as requests end. @returns the rows that waited for others to end */
  goLive(): Row[] {
    this.#live = true;
    const rows = this.#queue.filter(({ done }) => done).map(({ row }) => row);
    this.#queue = [];
    return rows;
  }

  /** @returns those that have not ended, and all that waited for them */
  flush(): Row[] {
    const rows = this.#queue.map(({ row }) => row);
    this.#queue = [];
    this.#open.clear();
    return rows;
  }

  #ready(): Row[] {
    let count = 0;
    while (count < this.#queue.length) {
      const first = this.#queue[count] as Held;
      if (!first.done) {
        if (this.#queue.length - count <= MOST_HELD) break;
        this.#open.delete(first.id);
      }
      count += 1;
    }
    return this.#queue.splice(0, count).map(({ row }) => row);
  }

  #event(line: Exclude<AuditLine, RequestLine>): Row[] {
    if (this.#filter.requestsOnly || !this.#isWithin(line.time)) return [];
    const text = sentenceOf(line);
    if (text === undefined) return [];
    const row: Row = {
      time: line.time,
      principal: '-',
      tenant: '-',
      operation: `(${line.type})`,
      resource: text,
      effect: '-',
      reason: '-',
      status: '-',
      duration: undefined,
    };
    if (this.#live) return [row];
    this.#queue.push({ id: '', row, done: true });
    return this.#ready();
  }

  #isWithin(time: string): boolean {
    const { since, until } = this.#filter;
    return (since === undefined || time >= since) && (until === undefined || time < until);
  }
}

/** When the request of a record arrived, by its clock: a record of its end tells how long it took. */
function arrivalOf({ time, outcome }: RequestLine): string {
  if (outcome === undefined) return time;
  const ended = Date.parse(time);
  return Number.isNaN(ended)
    ? time
    : new Date(ended - outcome.durationMs).toISOString().replace('Z', '000000Z');
}

function rowOf(line: RequestLine, time: string): Row {
  const { principal, request, resource, decision, outcome } = line;
  return {
    time,
    principal: principal?.name ?? '-',
    tenant: principal?.tenant ?? '-',
    operation: request.operation ?? (request.method === '' ? '-' : `${request.method} ${request.path}`),
    resource: resource === null ? '-' : resourceText(resource),
    effect: decision.effect,
    reason: decision.reason,
    status: outcome === undefined ? 'open' : (outcome.status?.toString() ?? '-'),
    duration: outcome?.durationMs,
  };
}

/** What happened to the log or the gateway, in words; undefined for what is housekeeping. */
function sentenceOf(line: Exclude<AuditLine, RequestLine>): string | undefined {
  switch (line.type) {
    case 'start':
      return `the gateway started, version ${line.version}`;
    case 'stop':
      return 'the gateway stopped';
    case 'policy':
      return `policy ${line.policyVersion} is in force`;
    case 'recovery':
      return `the log was cut in the middle of a line; the piece is in ${line.file}`;
    case 'gap':
      return `${line.lost} records could not be written: ${line.error}`;
    default:
      return undefined;
  }
}
