import type { Link } from '../../audit/chain.ts';
import { compileFilter, type Filter, type Wanted } from '../../audit/query/filter.ts';
import { Rows } from '../../audit/query/rows.ts';
import { makeTable, type Table } from '../../audit/query/table.ts';
import type { LogReader } from '../../audit/reader.ts';
import { lines, type Read } from './source.ts';

export interface ShowOptions extends Wanted {
  readonly json?: true;
}

/** Turns what is read into what is printed: lines as they are, or a table in which a request is one row. */
export class Show {
  readonly #filter: Filter;
  readonly #rows: Rows;
  readonly #table: Table | undefined;

  /** @throws ConfigError naming every option that means nothing */
  constructor({ json, ...wanted }: ShowOptions) {
    this.#filter = compileFilter(wanted, Date.now());
    this.#rows = new Rows(this.#filter);
    this.#table = json ? undefined : makeTable(process.stdout.isTTY ? process.stdout.columns : undefined);
  }

  /** What stands above everything else. */
  heading(): string[] {
    return this.#table === undefined ? [] : [this.#table.heading];
  }

  /**
   * Reads to the end of the log.
   *
   * @param readers one for each chain; of several, what happened to a gateway is told with its name
   * @param from passes over what is older, where the chains are not read from their beginnings
   * @returns what is to be printed, line by line
   */
  async *text(readers: readonly LogReader[], from = ''): AsyncGenerator<string> {
    const { since } = this.#filter;
    this.#rows.areSeveral = readers.length > 1;
    const wants = ({ time, type }: Link, bytes: Buffer): boolean =>
      time >= from &&
      (since === undefined ||
        time >= since ||
        type === 'start' ||
        type === 'stop' ||
        (type === 'request' && this.#filter.mayTell(bytes)));
    for await (const read of lines(readers, wants)) yield* this.#of(read);
  }

  /** What goes on when the log has ended. */
  rest(): string[] {
    return this.#print(this.#rows.flush());
  }

  /** From now on rows are printed as requests end. */
  goLive(): string[] {
    return this.#print(this.#rows.goLive());
  }

  #of({ text, line }: Read): string[] {
    if (this.#table !== undefined) return this.#print(this.#rows.push(line));
    const { since, until, matches } = this.#filter;
    const isWithin =
      (since === undefined || line.time >= since) && (until === undefined || line.time < until);
    return matches(line) && isWithin ? [text] : [];
  }

  #print(rows: ReturnType<Rows['flush']>): string[] {
    return rows.map((row) => this.#table?.line(row) ?? '');
  }
}

/** Writes to standard output as fast as it takes it; a reader that has gone away ends the command. */
export async function print(texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let waiting = '';
  for await (const text of texts) {
    waiting += `${text}\n`;
    if (waiting.length >= 65_536) {
      await write(waiting);
      waiting = '';
    }
  }
  if (waiting !== '') await write(waiting);
}

/** The last of what comes, up to that many. */
export async function last(texts: AsyncIterable<string>, count: number): Promise<string[]> {
  let kept: string[] = [];
  for await (const text of texts) {
    kept.push(text);
    if (kept.length >= 2 * count) kept = count === 0 ? [] : kept.slice(-count);
  }
  return count === 0 ? [] : kept.slice(-count);
}

function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      // `quaywarden audit query | head`: nobody reads on.
      if (error) process.exit(0);
      resolve();
    });
  });
}
