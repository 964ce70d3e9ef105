import { type Model, newModel } from 'casbin';
import type { Fault } from './grants.ts';

/** Names of the functions that the matcher calls, in the order of `MATCHER`. */
export const MATCHER_FUNCTIONS = ['holds', 'within', 'covers', 'meets'] as const;

/**
 * What the matcher consists of. Each term stands for one column; the condition is the last, for it is evaluated only
 * of grants that match otherwise.
 */
const MATCHER = [
  'holds(r.principal, p.subject)',
  'within(r.resource, p.resource)',
  'covers(r.operation, p.operations)',
  'meets(p.condition, p.eft)',
] as const;
const LAST = MATCHER[3];

/** The sections of model.conf with their one key, and what it must say. White space is free. */
const SECTIONS: ReadonlyMap<string, { readonly key: string; readonly value: string }> = new Map([
  ['request_definition', { key: 'r', value: 'principal, resource, operation' }],
  ['policy_definition', { key: 'p', value: 'subject, resource, operations, condition, eft' }],
  ['role_definition', { key: 'g', value: '_, _' }],
  ['policy_effect', { key: 'e', value: 'some(where (p.eft == allow)) && !some(where (p.eft == deny))' }],
  ['matchers', { key: 'm', value: MATCHER.join(' && ') }],
]);

interface Entry {
  readonly line: number;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Reads a Casbin model and holds it against what this release can judge by: a model with another effect or a
 * matcher with another condition could lose a deny without a sign.
 *
 * @returns the model without policies, undefined when there are faults
 */
export function parseModel(text: string): { model: Model | undefined; faults: readonly Fault[] } {
  const { entries, faults } = readEntries(text);
  const values = new Map<string, string>();
  for (const { line, section, key, value } of entries) {
    const expected = SECTIONS.get(section);
    if (expected === undefined || key !== expected.key) {
      faults.push({ line, sentence: `"${key}" has no place in [${section}]` });
    } else if (values.has(key)) {
      faults.push({ line, sentence: `"${key}" is defined twice` });
    } else {
      values.set(key, value);
      const wrong = key === 'm' ? matcherFault(value) : valueFault(value, expected);
      if (wrong !== undefined) faults.push({ line, sentence: wrong });
    }
  }
  const end = text.trimEnd().split('\n').length;
  for (const [section, { key, value }] of SECTIONS) {
    if (!values.has(key))
      faults.push({ line: end, sentence: `"${key} = ${value}" in [${section}] is missing` });
  }
  return { model: faults.length === 0 ? build(values) : undefined, faults };
}

function build(values: ReadonlyMap<string, string>): Model {
  const model = newModel();
  for (const [key, value] of values) model.addDef(key, key, value);
  return model;
}

function valueFault(value: string, expected: { key: string; value: string }): string | undefined {
  if (dense(value) === dense(expected.value)) return undefined;
  return `${expected.key} must be "${expected.value}"`;
}

function matcherFault(value: string): string | undefined {
  const known = new Set(MATCHER.map(dense));
  const terms = value.split('&&').map((term) => term.trim());
  const strange = terms.find((term) => !known.has(dense(term)));
  if (strange !== undefined) {
    return `the matcher is ${MATCHER.join(' && ')}; "${strange}" is none of these terms`;
  }
  const missing = MATCHER.find((term) => !terms.map(dense).includes(dense(term)));
  if (missing !== undefined) return `the matcher must use ${missing} too`;
  const last = terms.map(dense).indexOf(dense(LAST));
  return last === terms.length - 1 ? undefined : `the matcher must end in ${LAST}`;
}

function dense(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Sections and keys with their lines. A comment begins with `#` or `;`, a backslash continues a line. */
function readEntries(text: string): { entries: Entry[]; faults: Fault[] } {
  const entries: Entry[] = [];
  const faults: Fault[] = [];
  let section = '';
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.replace(/[#;].*$/, '').trim();
    const line = open?.line ?? index + 1;
    const joined = `${open?.text ?? ''}${content}`;
    open = undefined;
    if (joined.endsWith('\\')) {
      open = { line, text: joined.slice(0, -1) };
      continue;
    }
    if (joined === '') continue;
    const header = /^\[([^\]]*)\]$/.exec(joined)?.[1];
    const equals = joined.indexOf('=');
    if (header !== undefined) {
      section = header.trim();
      if (!SECTIONS.has(section)) faults.push({ line, sentence: `[${section}] is no section that is known` });
    } else if (equals < 1) {
      faults.push({ line, sentence: 'the line is neither [section] nor key = value' });
    } else if (SECTIONS.has(section)) {
      const value = joined.slice(equals + 1).trim();
      entries.push({ line, section, key: joined.slice(0, equals).trim(), value });
    }
  }
  if (open !== undefined) faults.push({ line: open.line, sentence: 'the last line can not be continued' });
  return { entries, faults };
}
