import type { AuditLine, RequestLine } from '../record.ts';
import type { Filter } from './filter.ts';
import { onEngine, resourceText } from './names.ts';

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
  /**
   * HTTP status of the answer; `open` while the request goes on, `lost` when the gateway crashed before its end, `-` when
   * there was no answer, or when its end is not looked for.
   */
  readonly status: string;
  /** Milliseconds; undefined while it goes on. */
  readonly duration: number | undefined;
}

/** Requests that have begun are held back at most this many rows for their end. */
const MOST_HELD = 10_000;

interface Held {
  readonly key: string;
  /** Whose request it is. */
  readonly gateway: string;
  row: Row;
  done: boolean;
}

/**
 * Makes rows of lines, a request one row: its `decision` and its `complete` are joined. A request belongs to a period when
 * it arrived in it. Lines of several gateways may be mixed: a crash of one ends what went on there, and nothing else.
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
  /** Which gateways run, as far as the log tells. */
  readonly #running = new Set<string>();
  /** Whether there are lines of several gateways: what happened to one is told with its name then. */
  areSeveral = false;

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  /** @returns the rows that can be shown now */
  push(line: AuditLine): Row[] {
    if (line.type !== 'request') return this.#event(line);
    this.#runs(line.gateway);
    const { matches, stage } = this.#filter;
    const isWanted = matches(line);
    const key = `${line.gateway}\n${line.id}`;
    const known = this.#open.get(key);
    if (!isWanted && known === undefined) return [];
    const arrived = known?.row.time ?? arrivalOf(line);
    if (!this.#isWithin(arrived)) return [];
    // Of a request of which one record is wanted there is nothing to wait for.
    const done = stage !== undefined || (line.outcome !== undefined && line.stage !== 'stream-end');
    const row = rowOf(line, arrived, done ? '-' : 'open');
    const held: Held = known ?? { key, gateway: line.gateway, row, done };
    held.row = row;
    held.done = done;
    if (done) this.#open.delete(key);
    else this.#open.set(key, held);
    if (this.#live) {
      if (this.#open.size > MOST_HELD) this.#open.delete(this.#open.keys().next().value as string);
      return done || line.stage === 'stream-start' ? [row] : [];
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
        this.#open.delete(first.key);
      }
      count += 1;
    }
    return this.#queue.splice(0, count).map(({ row }) => row);
  }

  #event(line: Exclude<AuditLine, RequestLine>): Row[] {
    const rows: Row[] = [];
    const { gateway, time, type } = line;
    if (type === 'start') {
      const lost = this.#lose(gateway);
      if (this.#live) rows.push(...lost);
      if (this.#running.has(gateway)) rows.push(...this.#tell(gateway, time, 'crash', CRASHED));
      this.#runs(gateway);
    }
    if (type === 'stop') this.#running.delete(gateway);
    const text = sentenceOf(line);
    if (text !== undefined) rows.push(...this.#tell(gateway, time, type, text));
    return this.#live ? rows : this.#ready();
  }

  #runs(gateway: string): void {
    this.#running.add(gateway);
    // No log has as many gateways; what is no log has no end of them.
    if (this.#running.size > MOST_HELD) this.#running.delete(this.#running.keys().next().value as string);
  }

  /** A gateway starts: what went on there before has no end any more. @returns the rows of it */
  #lose(gateway: string): Row[] {
    const lost = [...this.#open.values()].filter((held) => held.gateway === gateway);
    for (const held of lost) {
      this.#open.delete(held.key);
      held.row = { ...held.row, status: 'lost', duration: undefined };
      held.done = true;
    }
    return lost.map(({ row }) => row);
  }

  /** @returns the row, which stands in the queue too */
  #tell(gateway: string, time: string, type: string, text: string): Row[] {
    if (this.#filter.requestsOnly || !this.#isWithin(time)) return [];
    const row: Row = {
      time,
      principal: '-',
      tenant: '-',
      operation: `(${type})`,
      resource: this.areSeveral ? `${text} (${gateway})` : text,
      effect: '-',
      reason: '-',
      status: '-',
      duration: undefined,
    };
    if (!this.#live) this.#queue.push({ key: '', gateway, row, done: true });
    return [row];
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

const CRASHED = 'the gateway had ended without a stop: it crashed or was killed';

/** @param pending what stands for the status where the record has none */
function rowOf(line: RequestLine, time: string, pending: string): Row {
  const { principal, request, resource, decision, outcome } = line;
  return {
    time,
    principal: principal?.name ?? '-',
    tenant: principal?.tenant ?? '-',
    operation: request.operation ?? '-',
    resource: resource === null ? targetOf(request) : onEngine(line, resourceText(resource)),
    effect: decision.effect,
    reason: reasonOf(line),
    status: outcome === undefined ? pending : (outcome.status?.toString() ?? '-'),
    duration: outcome?.durationMs,
  };
}

/** Why it was decided so, with what the policy would have said of what was only observed, and what the user stated. */
function reasonOf({ decision, request }: RequestLine): string {
  // Quoted, and without what parts columns: it is the user's own text.
  const stated =
    request.reason === undefined ? undefined : JSON.stringify(request.reason.replace(/\s+/g, ' '));
  const more = [decision.observed?.reason, stated].filter((each) => each !== undefined);
  return more.length === 0 ? decision.reason : `${decision.reason} (${more.join('; ')})`;
}

/** What was asked for, where no resource is known: the path, and of what was not understood the method too. */
function targetOf({ method, path, operation }: RequestLine['request']): string {
  if (operation !== null) return path;
  return [method, path].filter((part) => part !== '').join(' ') || '-';
}

/** What happened to the log or the gateway, in words; undefined for what is housekeeping. */
function sentenceOf(line: Exclude<AuditLine, RequestLine>): string | undefined {
  switch (line.type) {
    case 'start':
      return `the gateway started, version ${line.version}`;
    case 'stop':
      return 'the gateway stopped';
    case 'reload':
      return `policy ${line.policyVersion} is in force`;
    case 'recovery':
      return `the log was cut in the middle of a line; the piece is in ${line.file}`;
    case 'gap':
      return `${line.lost} records could not be written: ${line.error}`;
    default:
      return undefined;
  }
}
