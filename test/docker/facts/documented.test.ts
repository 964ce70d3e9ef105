import { describe, expect, it } from 'vitest';
import { type FactNode, readFactTypes } from '../../support/facts-types.ts';
import { ask } from './ask.ts';
import { EVERYTHING } from './everything.ts';

/** docs/facts.md says from which fields a fact is told: requests that say everything must say nothing else. */

interface Told {
  /** `security.seccomp`. */
  readonly fact: string;
  readonly operation: string;
  /** Without indices and keys. */
  readonly field: string;
}

type Named = FactNode & { readonly name: string };

/** Facts with a source of their own, by their path. */
const SOURCES = new Map(readFactTypes().members.flatMap((fact) => sources(fact, fact.name)));

function sources(fact: Named, path: string): readonly (readonly [string, readonly string[]])[] {
  return [
    ...(fact.from.length > 0 ? [[path, fact.from] as const] : []),
    ...fact.members.flatMap((member) => sources(member, `${path}.${member.name}`)),
  ];
}

/** Whether a `@from` line covers it: `ContainerCreate, ImageCommit: User, query changes (USER)`. */
function covers(line: string, { operation, field }: Told): boolean {
  if (line.startsWith('every operation')) return true;
  const [operations = '', fields = ''] = line.split(': ');
  if (
    !operations
      .replace(/ \([^)]*\)/g, '')
      .split(/, ?/)
      .includes(operation)
  )
    return false;
  return fields
    .replace(/ \([^)]*\)/g, '')
    .split(/, ?/)
    .some((listed) => listed === 'the body' || field === listed || field.startsWith(`${listed}.`));
}

function fieldsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(fieldsIn);
  const { field } = value as { readonly field?: unknown };
  return typeof field === 'string' ? [field] : [];
}

function toldBy([operation, line, body]: (typeof EVERYTHING)[number]): readonly Told[] {
  const facts = ask(line, body);
  return [...SOURCES.keys()].flatMap((fact) => {
    const value = fact
      .split('.')
      .reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | null)?.[name], facts);
    return fieldsIn(value).map((field) => ({
      fact,
      operation,
      field: field.replace(/\[("[^"]*"|\d+)\]/g, ''),
    }));
  });
}

describe('the documentation of the facts', () => {
  const told = EVERYTHING.flatMap(toldBy);

  it.each([...new Set(told.map((each) => `${each.fact} of ${each.operation} from ${each.field}`))])(
    'lists %s',
    (row) => {
      const each = told.find(({ fact, operation, field }) => row === `${fact} of ${operation} from ${field}`);
      const lines = each === undefined ? [] : (SOURCES.get(each.fact) ?? []);
      const all = each?.fact === 'images' ? [...lines, ...(SOURCES.get('image') ?? [])] : lines;
      expect(each !== undefined && all.some((line) => covers(line, each))).toBe(true);
    },
  );

  it('says of every fact what it means and where it comes from', () => {
    for (const fact of readFactTypes().members) {
      expect([fact.name, fact.means]).not.toEqual([fact.name, '']);
      const grouped = fact.members.some(({ from }) => from.length > 0);
      expect([fact.name, fact.from.length > 0 || grouped]).toEqual([fact.name, true]);
    }
  });

  it('is held against requests that tell every fact there is', () => {
    const known = new Set(told.map(({ fact }) => fact));
    // Facts without a field of their own, and what only an archive or a grant adds.
    const silent = [
      ...['runs', 'capabilities.dropped', 'labels', 'command', 'environment', 'unknownFields'],
      ...['build.context', 'build.builder', 'build.baseImages'],
    ];
    expect([...SOURCES.keys()].filter((fact) => !known.has(fact)).sort()).toEqual(silent.sort());
  });
});
