import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { auditLine } from '../../src/audit/record.ts';

export const SCHEMA_FILE = new URL('../../docs/audit-record.schema.json', import.meta.url);
export const PAGE_FILE = new URL('../../docs/audit-record.md', import.meta.url);

const BEGIN = '<!-- fields: written by npm run docs:audit -->';
const END = '<!-- end of fields -->';

interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The JSON Schema of a line (draft 2020-12). */
export function auditSchema(): object {
  return {
    title: 'A line of the audit log of Quaywarden',
    ...z.toJSONSchema(auditLine, { target: 'draft-2020-12' }),
  };
}

export function schemaText(): string {
  return `${JSON.stringify(auditSchema(), null, 2)}\n`;
}

/** The page with its tables made anew. */
export function pageText(): string {
  const page = readFileSync(PAGE_FILE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/audit-record.md has lost its marks');
  return `${before}${BEGIN}\n\n${tables()}\n\n${END}${after}`;
}

function tables(): string {
  const kinds = (auditSchema() as Schema).oneOf ?? [];
  const [request] = kinds;
  const shared = new Set(['schema', 'time', 'sequence', 'gateway', 'previous', 'hash']);
  const rows = (schema: Schema, skip: ReadonlySet<string>, prefix = ''): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
      if (prefix === '' && skip.has(name)) return [];
      const inner = (member.anyOf ?? [member]).find(
        ({ properties, items }) => properties ?? items?.properties,
      );
      const object = inner?.items ?? inner;
      const path = `${prefix}${name}${inner?.items === undefined ? '' : '[]'}`;
      const own = `| \`${path}\` | ${typeOf(member)} | ${member.description ?? ''} |`;
      return object?.properties === undefined ? [own] : [own, ...rows(object, skip, `${path}.`)];
    });
  const head = '| field | type | meaning |\n| --- | --- | --- |';
  const of = (schema: Schema | undefined, skip: ReadonlySet<string>): string =>
    [head, ...rows(schema ?? {}, skip)].join('\n');
  const common: Schema = {
    properties: Object.fromEntries(
      Object.entries(request?.properties ?? {}).filter(([name]) => shared.has(name)),
    ),
  };
  return [
    `### Every line\n\n${of(common, new Set())}`,
    ...kinds.map((kind) => {
      const type = kind.properties?.['type'];
      return `### \`${String(type?.const)}\`: ${type?.description}\n\n${of(kind, new Set([...shared, 'type']))}`;
    }),
  ].join('\n\n');
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  return [schema.type ?? 'any'].flat().join(' or ');
}
