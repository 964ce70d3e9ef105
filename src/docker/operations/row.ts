import type { BodyKind, Connection, Operation, OperationClass, QueryType, ResourceKind } from '../types.ts';

/** Query parameters of an operation: name to how the Engine reads it. */
type Parameters = Readonly<Record<string, QueryType>>;

/** What few operations need: another kind than their table's, an end, or a mark that they are unpublished. */
interface Exceptions {
  readonly kind?: ResourceKind;
  readonly involves?: readonly ResourceKind[];
  readonly names?: readonly ResourceKind[];
  readonly removed?: number;
  readonly documented?: false;
  readonly versioned?: false;
}

/** One line of a table; its columns are named in `table`. */
export type Row = readonly [
  id: string,
  line: `${Operation['method']} /${string}`,
  since: number,
  group: OperationClass,
  connection: Connection,
  body: BodyKind,
  query?: Parameters,
  exceptions?: Exceptions,
];

/**
 * Makes operations of rows: operationId, method and path, minor of the first API version, class, connection,
 * body, query parameters, exceptions.
 */
export function table(kind: ResourceKind, rows: readonly Row[]): Operation[] {
  return rows.map(([id, line, since, group, connection, body, query = {}, exceptions = {}]) => {
    const space = line.indexOf(' ');
    return Object.freeze({
      id,
      method: line.slice(0, space) as Operation['method'],
      path: line.slice(space + 1),
      since,
      class: group,
      kind,
      body,
      connection,
      query: Object.entries(query).map(([name, type]) => ({ name, type })),
      documented: true,
      versioned: true,
      ...exceptions,
    });
  });
}

/**
 * Parameters that clients send and no Engine reads: dockerode puts the whole options object into the query.
 *
 * @param names separated by spaces
 */
export function ignored(names: string): Parameters {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'ignored']));
}

export const FILTERS: Parameters = { filters: 'filters' };
export const VERSION: Parameters = { version: 'int' };
export const SIZE: Parameters = { h: 'int', w: 'int' };
