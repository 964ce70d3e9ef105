import { checked, type Edit, editMembers, isNull, membersOf, writeObject } from './raw-json.ts';
import type { Secretive } from './redact-rules.ts';
import { hidden, isOwnLabel, REDACTED } from './redacted.ts';
import { objectOf, RECORD, textOf } from './shown.ts';

/** Executions tell their command after a colon: `exec_create: sh -c ...`. */
const EXECUTION = /^(exec_\w+):/;

/**
 * The attributes that the Engine itself sets of a container or image, always or at some actions (moby,
 * daemon/events.go). The others are labels: a label can be called `comment`, so an attribute of one action is one
 * of a label at all others. Types that are not here carry no labels, or are not known.
 */
const ALWAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['container', ['name', 'image']],
  ['image', ['name']],
]);
const AT_ACTION: ReadonlyMap<string, readonly string[]> = new Map([
  ['commit', ['comment', 'imageID', 'imageRef']],
  ['die', ['exitCode', 'execDuration']],
  ['exec_create', ['execID']],
  ['exec_start', ['execID']],
  ['exec_detach', ['execID']],
  ['exec_die', ['execID', 'exitCode']],
  ['kill', ['signal']],
  ['rename', ['oldName']],
  ['resize', ['height', 'width']],
]);

/** Types of which it is known that their events carry no labels. */
const UNLABELLED = new Set(
  ['network volume service secret config node', 'daemon plugin builder'].flatMap((line) => line.split(' ')),
);

/** One line of SystemEvents without commands and labels. */
export function redactEvent(line: string, hide: ReadonlySet<Secretive>): string {
  const start = line.startsWith(RECORD) ? RECORD : '';
  const text = line.slice(start.length);
  if (text.trim() === '') return line;
  const edits = new Map<string, Edit>();
  if (hide.has('command')) for (const name of ['Action', 'status']) edits.set(name, withoutCommand);
  if (hide.has('labels')) {
    const event = objectOf(JSON.parse(text));
    const attributes = (raw: string) => withoutLabels(raw, textOf(event['Type']), textOf(event['Action']));
    edits.set('Actor', (raw) => editMembers(raw, new Map([['Attributes', attributes]])));
  }
  return edits.size === 0 ? line : start + editMembers(checked(text), edits);
}

function withoutCommand(raw: string): string {
  const [, execution] = EXECUTION.exec(textOf(JSON.parse(raw))) ?? [];
  return execution === undefined ? raw : JSON.stringify(`${execution}: ${REDACTED}`);
}

/** Labels of a type that is not known may be anything. */
function withoutLabels(raw: string, type: string, action: string): string {
  if (UNLABELLED.has(type)) return raw;
  const [verb = ''] = action.split(':');
  const known = new Set(ALWAYS.get(type));
  if (type === 'container') for (const name of AT_ACTION.get(verb) ?? []) known.add(name);
  const attributes = membersOf(raw).map((member) =>
    known.has(member.key) || isOwnLabel(member.key) ? member : { ...member, raw: hidden(member.raw) },
  );
  return isNull(raw) ? raw : writeObject(attributes);
}
