import type { Operation, QueryType } from '../../src/docker/types.ts';
import { http, plainly } from '../support/front-door.ts';

/** A request for an operation as a client may send it, and as the Engine must receive it. */
export interface Sample {
  readonly sent: string;
  readonly forwarded: string;
}

const CEILING = 56;

/** What a client writes for a parameter, and what the Engine reads; null: nothing. */
const VALUES: Readonly<
  Record<QueryType, readonly [sent: readonly string[], forwarded: readonly string[] | null]>
> = {
  text: [['v'], ['v']],
  bool: [['True'], ['1']],
  'bool-on': [['no'], ['0']],
  'strict-bool': [['t'], ['1']],
  int: [['7'], ['7']],
  list: [
    ['a', 'b'],
    ['a', 'b'],
  ],
  json: [['{"k" : "v"}'], ['{"k":"v"}']],
  struct: [['{ "os":"linux" }'], ['{"os":"linux"}']],
  structs: [
    ['{"os":"linux"}', '{"os": "windows"}'],
    ['{"os":"linux"}', '{"os":"windows"}'],
  ],
  filters: [['{"label":["a"]}'], ['{"label":{"a":true}}']],
  ignored: [['zz'], null],
};

/** Parameters whose JSON has a shape of its own. */
const SPECIAL: Readonly<Record<string, (typeof VALUES)[QueryType]>> = {
  cachefrom: [['[ "v" ]'], ['["v"]']],
  outputs: [['[{"Type": "tar"}]'], ['[{"Type":"tar"}]']],
  ulimits: [['[{"Name":"nofile","Soft":1, "Hard":2}]'], ['[{"Name":"nofile","Soft":1,"Hard":2}]']],
};

const UPGRADES = { hijack: 'tcp', websocket: 'websocket', h2c: 'h2c' } as const;

/** A request with every parameter of the operation, in another order than the catalogue's. */
export function sampleOf(operation: Operation): Sample {
  const { method, connection } = operation;
  const prefix = operation.versioned ? `/v1.${(operation.removed ?? CEILING + 1) - 1}` : '';
  const path = `${prefix}${operation.path.replaceAll(/\{\w+\}/g, 'sample')}`;
  const given = operation.query.map(({ name, type }) => ({ name, values: SPECIAL[name] ?? VALUES[type] }));
  const sent = given.flatMap(({ name, values: [texts] }) => texts.map((text) => pair(name, text))).reverse();
  const read = given.flatMap(({ name, values: [, texts] }) => (texts ?? []).map((text) => pair(name, text)));
  // Reversed, a list comes backwards: the Engine reads it in the order in which it was sent.
  const forwarded = read.map((each, index) => backwards(each, index, read));
  const body = bodyOf(operation);
  const upgrade =
    connection === 'plain' || connection === 'stream'
      ? []
      : ['Connection: Upgrade', `Upgrade: ${UPGRADES[connection]}`];
  const framing =
    body === ''
      ? []
      : [
          `Content-Type: ${/^[{[]/.test(body) ? 'application/json' : 'application/x-tar'}`,
          `Content-Length: ${body.length}`,
        ];
  return {
    sent: http(`${method} ${withQuery(path, sent)}`, ...upgrade, ...framing, '', body),
    forwarded: forward(operation, `${method} ${withQuery(path, forwarded)}`, framing, body),
  };
}

function forward(
  { method, connection }: Operation,
  line: string,
  framing: readonly string[],
  body: string,
): string {
  const bare = method === 'GET' || method === 'HEAD';
  const length = framing.length > 0 || bare ? [] : ['Content-Length: 0'];
  switch (connection) {
    case 'plain': {
      if (body === '') return http(line, ...(method === 'DELETE' ? [] : length), '', '');
      const lower = framing.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
      return plainly(line, ...lower, '', body);
    }
    case 'stream':
      return http(line, ...framing, ...length, 'Connection: close', '', body);
    default:
      return http(
        line,
        ...framing.filter((header) => !isLength(header)),
        'Connection: Upgrade',
        `Upgrade: ${UPGRADES[connection]}`,
        ...[...framing, ...length].filter(isLength),
        'Connection: close',
        '',
        body,
      );
  }
}

function bodyOf({ id, body }: Operation): string {
  if (['PluginPull', 'PluginUpgrade', 'PluginSet'].includes(id)) return '[]';
  switch (body) {
    case 'json':
    case 'json-optional':
      return '{}';
    case 'tar':
      return 'a tape archive';
    default:
      return '';
  }
}

function pair(name: string, text: string): string {
  return `${name}=${encodeURIComponent(text)}`;
}

function backwards(each: string, index: number, all: readonly string[]): string {
  const name = (text: string): string => text.slice(0, text.indexOf('='));
  const first = all.findIndex((other) => name(other) === name(each));
  const last = all.findLastIndex((other) => name(other) === name(each));
  return all[first + last - index] as string;
}

function withQuery(path: string, pairs: readonly string[]): string {
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

function isLength(header: string): boolean {
  return header.startsWith('Content-Length:');
}
