import type { z } from 'zod';
import { formatPath, type Path, type SourceDocument } from './document.ts';
import { type ConfigKey, configKeys } from './keys.ts';
import { configSchema } from './schema.ts';
import { nearest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** What zod found, as `file:line:column: sentence`, each naming the key's path; never a value from the file. */
export function issueFaults(issues: readonly Issue[], document: SourceDocument): string[] {
  return issues.flatMap((issue) => faultsOf(issue, [], document));
}

function faultsOf(issue: Issue, base: Path, document: SourceDocument): string[] {
  const path = [...base, ...issue.path];
  if (document.isFaulty(path)) return [];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${document.atKey([...path, key])}: ${unknownKey(path, key)}`);
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return [`${document.at(path)}: ${wordFault(path, valueAt(document.value, path))}`];
  }
  if (issue.code === 'invalid_union') return unionFaults(issue.errors, path, document);
  return [`${document.at(path)}: ${sentenceOf(issue, path, valueAt(document.value, path))}`];
}

/** The word that tells alternatives apart is missing, or none of them. */
function wordFault(path: Path, value: unknown): string {
  const choices = keys().find((key) => key.path === schemaPath(path))?.choices ?? [];
  const word = value === undefined ? 'is missing; it must be' : 'must be';
  return `${formatPath(path)} ${word} one of ${choices.join(', ')}${nearHint(value, choices)}`;
}

/** Of several alternatives the one that fits best is explained; with none or several begun, the choice itself. */
function unionFaults(
  branches: readonly (readonly Issue[])[],
  path: Path,
  document: SourceDocument,
): string[] {
  const value = valueAt(document.value, path);
  const names = alternatives(path);
  const begun = isObject(value) ? names.filter((name) => name in value) : [];
  if (begun.length === 1) {
    const branch = branches.find(
      (issues) => !issues.some((i) => i.code === 'unrecognized_keys' && i.keys.includes(begun[0] ?? '')),
    );
    return (branch ?? []).flatMap((issue) => faultsOf(issue, path, document));
  }
  const either = names.map((name) => `\`${name}\``).join(' or ');
  return [`${document.at(path)}: ${formatPath(path)} must hold exactly one of ${either}`];
}

/** The keys that tell the alternatives at `path` apart: those that their alternative can not do without. */
function alternatives(path: Path): string[] {
  const prefix = `${schemaPath(path)}.`;
  return keys()
    .filter(
      (key) => key.required && key.path.startsWith(prefix) && !key.path.slice(prefix.length).includes('.'),
    )
    .map((key) => key.path.slice(prefix.length));
}

function unknownKey(parent: Path, key: string): string {
  const prefix = parent.length === 0 ? '' : `${schemaPath(parent)}.`;
  const siblings = keys()
    .filter(({ path }) => path.startsWith(prefix) && !/[.[]/.test(path.slice(prefix.length)))
    .map(({ path }) => path.slice(prefix.length));
  const full = formatPath([...parent, key]);
  const near = nearest(key, siblings);
  if (near === key) return `${full} does not go with the other keys there`;
  if (near !== undefined)
    return `${full} is not a known key; did you mean \`${formatPath([...parent, near])}\`?`;
  const elsewhere = keys().filter(({ path }) => path.slice(path.lastIndexOf('.') + 1) === key);
  if (elsewhere.length > 0) return `${full} is not a known key; did you mean \`${elsewhere[0]?.path}\`?`;
  return `${full} is not a known key; known here: ${siblings.join(', ')}`;
}

function sentenceOf(issue: Issue, path: Path, value: unknown): string {
  const name = path.length === 0 ? 'the configuration' : formatPath(path);
  const key = keys().find((candidate) => candidate.path === schemaPath(path));
  const about = key?.description === undefined ? '' : ` (${key.description})`;
  if (value === undefined) return `${name} is missing${about}`;
  if (value === null) return `${name} is empty; give it a value or take the line out`;
  switch (issue.code) {
    case 'invalid_type':
      return `${name} must be ${typeName(issue.expected)}, not ${nameOfValue(value, issue.expected)}${hint(issue.expected, value)}`;
    case 'invalid_value':
      return `${name} must be one of ${issue.values.join(', ')}${nearHint(value, issue.values)}`;
    case 'too_small':
      if (issue.origin === 'string') return `${name} must not be empty`;
      if (issue.origin === 'array') return `${name} must have at least one entry${about}`;
      return `${name} must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `${name} must have at most ${issue.maximum} characters`
        : `${name} must be at most ${issue.maximum}`;
    case 'invalid_format':
      if (issue.format === 'url') return `${name} must be an http or https URL`;
      return `${name} must be ${issue.message.startsWith('Invalid') ? 'of the form 1.N, in quotes' : issue.message}`;
    case 'invalid_key':
      return `${name}: the key must be ${issue.issues[0]?.message ?? 'another one'}`;
    default:
      return `${name}: ${issue.message}`;
  }
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    string: 'text',
    int: 'a whole number',
    number: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping of keys',
  };
  return names[expected] ?? expected;
}

function nameOfValue(value: unknown, expected: string): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping of keys';
  if (typeof value === 'number' && expected !== 'string' && !Number.isInteger(value)) return 'a fraction';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? typeof value
  );
}

function hint(expected: string, value: unknown): string {
  if (expected === 'string' && typeof value !== 'object') return '; put it in quotes';
  if ((expected === 'number' || expected === 'int') && typeof value === 'string')
    return '; take the quotes off';
  if (expected === 'array' && typeof value === 'string') return '; put it in [ ]';
  return '';
}

function nearHint(value: unknown, known: readonly unknown[]): string {
  const near = typeof value === 'string' ? nearest(value, known.map(String)) : undefined;
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function schemaPath(path: Path): string {
  // What stands below `engines` is the user's to name.
  const named = path[0] === 'engines' && path.length > 1 ? ['engines', 'NAME', ...path.slice(2)] : path;
  return formatPath(named).replaceAll(/\[\d+\]/g, '[]');
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), value);
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

let known: readonly ConfigKey[] | undefined;

function keys(): readonly ConfigKey[] {
  known ??= configKeys(configSchema);
  return known;
}
