import { Refusal } from '../errors.ts';
import { encodeFilters, parseFilters } from './filters.ts';
import { encodeJson, JsonError, parseJson } from './strict-json.ts';
import { decodePercent, hasControl, quoted } from './text.ts';
import type { Filters, Query, QueryParameter, QueryType, QueryValue } from './types.ts';

/** Parameters in which people write text of several lines. */
const PROSE = new Set(['comment', 'message', 'author', 'changes']);

/** Types whose values are parsed and written anew, in which white space means nothing. */
const REWRITTEN = new Set<QueryType>(['json', 'struct', 'structs', 'filters']);

/** Values that the Engine takes for false once trimmed and in lower case (moby, httputils.BoolValue). */
const FALSE = new Set(['', '0', 'no', 'false', 'none']);

/** What Go's strconv.ParseBool takes; anything else is its error. */
const PARSE_BOOL = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Parameters of which the Engine uses every value; of the others it uses the first, other parsers the last. */
const REPEATABLE: ReadonlySet<QueryType> = new Set(['list', 'structs', 'ignored']);

/** What stands for itself. */
const PLAIN = /^[A-Za-z0-9\-._~:/,@]*$/;

/** How often a parameter may be given. */
const MOST_VALUES = 1_000;

/**
 * Reads a query by Go's rules (net/url.ParseQuery) against the parameters of an operation.
 *
 * @param raw what follows the `?`, undecoded
 * @returns typed values in the order of `parameters`; empty values that the Engine treats as absent are left out
 * @throws Refusal 400 with the parameter as its field: `query-encoding`, `query-separator`, `query-control`,
 *   `query-unknown`, `query-duplicate` or `query-value`
 */
export function parseQuery(raw: string, parameters: readonly QueryParameter[]): Query {
  if (raw === '') return NO_QUERY;
  const given = collect(raw, typesOf(parameters));
  const values: [string, QueryValue][] = [];
  for (const { name, type } of parameters) {
    const texts = given.get(name);
    const value = texts === undefined ? undefined : read(name, type, texts);
    if (value !== undefined) values.push([name, value]);
  }
  return Object.fromEntries(values);
}

const NO_QUERY: Query = Object.freeze({});

const TYPES = new WeakMap<readonly QueryParameter[], ReadonlyMap<string, QueryType>>();

function typesOf(parameters: readonly QueryParameter[]): ReadonlyMap<string, QueryType> {
  let types = TYPES.get(parameters);
  if (types === undefined) {
    types = new Map(parameters.map(({ name, type }) => [name, type]));
    TYPES.set(parameters, types);
  }
  return types;
}

/** Writes a query in its one spelling: parameters in the order of `parameters`, booleans as 1 and 0. */
export function encodeQuery(query: Query, parameters: readonly QueryParameter[]): string {
  if (query === NO_QUERY) return '';
  return parameters
    .flatMap(({ name }) => {
      const value = query[name];
      return value === undefined ? [] : encode(value).map((text) => `${name}=${encodeURIComponent(text)}`);
    })
    .join('&');
}

function collect(raw: string, types: ReadonlyMap<string, QueryType>): Map<string, string[]> {
  if (!/^[!-~]*$/.test(raw) || raw.includes('#')) {
    throw refuse('query-encoding', undefined, 'the query holds a character that must be percent-encoded');
  }
  if (raw.includes(';')) {
    throw refuse(
      'query-separator',
      undefined,
      'the query holds a semicolon; separate parameters by & and encode it as %3B',
    );
  }
  const given = new Map<string, string[]>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), undefined);
    const type = types.get(name);
    if (type === undefined) {
      // What is no name may be a value that lost its name, a secret even: it is not repeated.
      const shown = /^\w[\w.[\]-]*$/.test(name) ? quoted(name) : 'what was sent';
      throw refuse(
        'query-unknown',
        shown === 'what was sent' ? undefined : name,
        `${shown} is not a query parameter of this operation`,
      );
    }
    const text = decode(equals === -1 ? '' : pair.slice(equals + 1), name, allowedControls(name, type));
    const texts = given.get(name) ?? [];
    if (texts.length > 0 && !REPEATABLE.has(type)) {
      throw refuse('query-duplicate', name, `the query parameter ${name} is given twice`);
    }
    texts.push(text);
    // Each may be an object of its own, which is judged beside all others.
    if (texts.length > MOST_VALUES) throw invalid(name, `is given more than ${MOST_VALUES} times`);
    given.set(name, texts);
  }
  return given;
}

/** Which control characters a value may hold: none where it names something, line breaks where people write. */
function allowedControls(name: string, type: QueryType): RegExp | undefined {
  if (type === 'ignored') return /[\s\S]/g;
  return PROSE.has(name) || REWRITTEN.has(type) ? /[\t\n\r]/g : undefined;
}

function decode(raw: string, name: string | undefined, controls?: RegExp): string {
  if (PLAIN.test(raw)) return raw;
  const subject = name === undefined ? 'the query' : `the query parameter ${name}`;
  const text = decodePercent(raw.replaceAll('+', ' '));
  if (text === null) {
    throw refuse(
      'query-encoding',
      name,
      `${subject} is not UTF-8 with each percent sign followed by two hex digits`,
    );
  }
  if (hasControl(controls === undefined ? text : text.replace(controls, '')))
    throw refuse('query-control', name, `${subject} holds a control character`);
  return text;
}

function read(name: string, type: QueryType, texts: readonly string[]): QueryValue | undefined {
  const [text = ''] = texts;
  switch (type) {
    case 'text':
      return text;
    case 'list':
      return texts;
    case 'bool':
      return readBool(text);
    case 'bool-on':
      if (text === '') throw invalid(name, 'is empty, which Engines read differently; give 1 or 0');
      return readBool(text);
    case 'strict-bool':
      return text === '' ? undefined : readStrictBool(name, text);
    case 'int':
      return text === '' ? undefined : readInt(name, text);
    case 'json':
      return text === '' ? undefined : readJson(name, text, false);
    case 'struct':
      return text === '' ? undefined : readJson(name, text, true);
    case 'structs':
      return texts.map((each) => readJson(name, each, true));
    case 'filters':
      return text === '' ? undefined : readFilters(name, text);
    case 'ignored':
      return undefined;
  }
}

function readBool(text: string): boolean {
  return !FALSE.has(trimSpace(text).toLowerCase());
}

/**
 * Go's strings.TrimSpace: the White_Space property, without the U+FEFF that JavaScript's trim() adds. No regular
 * expression over the whole: one anchored at the end takes quadratic time over spaces inside.
 */
function trimSpace(text: string): string {
  const space = /^\p{White_Space}$/u;
  let start = 0;
  let end = text.length;
  while (start < end && space.test(text[start] as string)) start += 1;
  while (end > start && space.test(text[end - 1] as string)) end -= 1;
  return text.slice(start, end);
}

function readStrictBool(name: string, text: string): boolean {
  const value = PARSE_BOOL.get(text);
  if (value === undefined) throw invalid(name, 'must be true or false');
  return value;
}

function readInt(name: string, text: string): bigint {
  // An int64 out of range is 0 to the Engine's build, and 0 is "no limit".
  if (!/^-?[0-9]{1,32}$/.test(text)) throw invalid(name, 'must be a decimal integer');
  const value = BigInt(text);
  if (value < INT64_MIN || value > INT64_MAX) throw invalid(name, 'does not fit 64 bits');
  return value;
}

function readJson(name: string, text: string, fieldNames: boolean): string {
  return withJson(name, () => encodeJson(parseJson(text, { fieldNames })));
}

function readFilters(name: string, text: string): Filters | undefined {
  const filters = withJson(name, () => parseFilters(text));
  return Object.keys(filters).length === 0 ? undefined : filters;
}

function withJson<T>(name: string, inner: () => T): T {
  try {
    return inner();
  } catch (error) {
    if (error instanceof JsonError) throw invalid(name, `is not valid: ${error.message}`);
    throw error;
  }
}

function encode(value: QueryValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [value ? '1' : '0'];
  if (typeof value === 'bigint') return [value.toString()];
  return isList(value) ? value : [encodeFilters(value)];
}

function isList(value: readonly string[] | Filters): value is readonly string[] {
  return Array.isArray(value);
}

function invalid(name: string, sentence: string): Refusal {
  return refuse('query-value', name, `the query parameter ${name} ${sentence}`);
}

function refuse(reason: string, field: string | undefined, sentence: string): Refusal {
  return new Refusal(400, reason, sentence, field === undefined ? { field: 'query' } : { field });
}
