import { nearest } from '../../config/suggest.ts';
import { FUNCTIONS } from '../functions/all.ts';
import type { Argument, ArgumentKind, ConditionFunction } from '../functions/function.ts';
import { call, type Draft, literal, NOTHING, writtenOut } from './draft.ts';
import type { Place } from './place.ts';
import { type Node, print } from './syntax.ts';
import { kindOf, suggestion } from './typing.ts';

type Call = Extract<Node, { readonly type: 'CallExpression' }>;

const WANTED: Readonly<Record<ArgumentKind, string>> = {
  text: 'a text in quotes',
  number: 'a number',
  size: 'a size such as "2g", or a number',
  list: 'a name under r.',
  value: 'a text or a number, written out',
};

/** Makes the call of a function ready: its arguments are checked and prepared once, and the call gets the result. */
export function lowerCall(node: Call, draft: Draft): Node {
  const { callee } = node;
  const called =
    callee.type === 'Identifier' ? FUNCTIONS.find(({ name }) => name === callee.name) : undefined;
  if (called === undefined) return draft.fault(`calls ${print(callee)}, which is no function${hint(callee)}`);
  const { first = [], rest } = called.takes;
  const kinds = [...first, ...node.arguments.slice(first.length).map(() => rest)];
  const least = first.length + (rest === undefined ? 0 : 1);
  if (node.arguments.length < least || kinds.includes(undefined)) {
    return draft.fault(`calls ${print(node)} with ${counted(node.arguments.length)}; ${example(called)}`);
  }
  const read = readArguments(node, kinds as readonly ArgumentKind[], called, draft);
  if (read === undefined) return NOTHING;
  const { args, list } = read;
  const mismatch = list === undefined ? undefined : listFault(list, args, called.name);
  const prepared = mismatch ?? called.prepare(args, draft.world);
  if (typeof prepared === 'string') return draft.fault(`calls ${print(node)}: ${prepared}`);
  for (const need of prepared.needs) draft.needs.add(need);
  if (list !== undefined) return call(called.name, literal(prepared), call('reading', literal(list)));
  draft.ofBody = true;
  draft.mentions.add('facts');
  return call(called.name, literal(prepared));
}

interface Arguments {
  readonly args: readonly Argument[];
  readonly list: Place | undefined;
}

function readArguments(
  node: Call,
  kinds: readonly ArgumentKind[],
  called: ConditionFunction,
  draft: Draft,
): Arguments | undefined {
  const args: Argument[] = [];
  let list: Place | undefined;
  for (const [index, argument] of node.arguments.entries()) {
    const kind = kinds[index] as ArgumentKind;
    if (kind === 'list' && (argument.type === 'MemberExpression' || argument.type === 'Identifier')) {
      list = draft.place(argument);
      if (list === undefined) return undefined;
      continue;
    }
    const value = argumentOf(argument, kind);
    if (value === undefined) {
      draft.fault(
        `calls ${print(node)}, where ${print(argument)} is not ${WANTED[kind]}; ${example(called)}`,
      );
      return undefined;
    }
    args.push(value);
  }
  return { args, list };
}

function argumentOf(node: Node, kind: ArgumentKind): Argument | undefined {
  const side = writtenOut(node);
  if (side === undefined || side.value === null || kind === 'list') return undefined;
  const type = kindOf(side);
  const fits = kind === type || ((kind === 'size' || kind === 'value') && type !== 'boolean');
  return fits ? side.value : undefined;
}

/** What is wrong with a list, as the rest of a sentence that begins with the call. */
function listFault(
  { list, shape, text }: Place,
  args: readonly Argument[],
  name: string,
): string | undefined {
  if (name === 'isEmpty') return list || shape.kind === 'map' ? undefined : `${text} is no list`;
  if (shape.kind !== 'string' && shape.kind !== 'number' && shape.kind !== 'bigint') {
    return `${text} holds neither texts nor numbers; name a field of it`;
  }
  const wanted = shape.kind === 'string';
  const odd = args.find((arg) => (typeof arg === 'string') !== wanted);
  if (odd !== undefined) return `${typeof odd === 'string' ? JSON.stringify(odd) : odd} is never in ${text}`;
  if (shape.kind !== 'string' || shape.values === undefined) return undefined;
  const { values } = shape;
  const never = args.map(String).find((arg) => !arg.includes('*') && !values.includes(arg));
  return never === undefined ? undefined : `"${never}" is never in ${text}${suggestion(never, values)}`;
}

function hint(callee: Node): string {
  const names = FUNCTIONS.map(({ name }) => name);
  const meant = callee.type === 'Identifier' ? nearest(callee.name, names) : undefined;
  return meant === undefined ? `; there are ${names.join(', ')}` : `; did you mean ${meant}?`;
}

function example({ example: text }: ConditionFunction): string {
  return `write it like ${text}`;
}

function counted(count: number): string {
  return count === 0 ? 'no argument' : count === 1 ? '1 argument' : `${count} arguments`;
}
