import { readFileSync } from 'node:fs';

/** One row of test/data/operations.tsv. */
export interface Listed {
  readonly method: string;
  readonly path: string;
  /** `-` where the API gives none. */
  readonly operationId: string;
  /** Minors of `1.N`; undefined for `-` and `all`. */
  readonly since: number | undefined;
  readonly removed: number | undefined;
  readonly body: string;
  readonly connection: string;
  readonly query: readonly string[];
}

/** The rows of the list of operations that the product was planned with. */
export function listedOperations(): Listed[] {
  const [, ...lines] = readFileSync(new URL('../data/operations.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [
      method = '',
      path = '',
      operationId = '',
      since = '',
      removed = '',
      body = '',
      connection = '',
      ,
      ,
      query = '',
    ] = line.split('\t');
    return {
      method,
      path,
      operationId,
      since: minor(since),
      removed: minor(removed),
      body,
      connection,
      query: query === '' ? [] : query.split(','),
    };
  });
}

function minor(version: string): number | undefined {
  return /^1\.[0-9]+$/.test(version) ? Number(version.slice(2)) : undefined;
}
