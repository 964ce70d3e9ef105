import { compileFilter, type Filter } from '../../audit/query/filter.ts';
import { LogReader } from '../../audit/reader.ts';
import { type Recorded, RecordedRequests } from '../../workbench/recorded.ts';
import { chainsIn, folderOf, lines } from '../audit/source.ts';

/** Which recorded requests are looked at. */
export interface Period {
  readonly since?: string;
  readonly until?: string;
  readonly principal?: string;
}

/**
 * The requests of an audit log that the policy had a say in, in the order in which they ended; those that still go on come
 * last.
 *
 * @param log the log's folder; undefined: the configuration's
 * @throws ConfigError when there is no log, or the period means nothing
 */
export async function* recorded(
  log: string | undefined,
  config: string,
  { since, until, principal, tenants }: Period & { readonly tenants: boolean },
): AsyncGenerator<Recorded> {
  const filter = compileFilter(
    {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(principal === undefined ? {} : { principal }),
    },
    Date.now(),
  );
  const readers = chainsIn(folderOf(log, config)).map((chain) => new LogReader(chain));
  const requests = new RecordedRequests(tenants);
  try {
    for await (const { line } of lines(readers, ({ time }) => isWithin(time, filter))) {
      if (line.type !== 'request' || !isWithin(line.time, filter) || !filter.matches(line)) continue;
      const read = requests.push(line);
      if (read !== undefined) yield read;
    }
    yield* requests.rest();
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

function isWithin(time: string, { since, until }: Filter): boolean {
  return (since === undefined || time >= since) && (until === undefined || time < until);
}
