import expressions from '@casbin/expression-eval';

/** What Casbin's expression library makes of a text (jsep's nodes), as far as conditions may use it. */
export type Node =
  | { readonly type: 'Literal'; readonly value: unknown; readonly raw: string }
  | { readonly type: 'Identifier'; readonly name: string }
  | { readonly type: 'ArrayExpression'; readonly elements: readonly (Node | null)[] }
  | { readonly type: 'CallExpression'; readonly callee: Node; readonly arguments: readonly Node[] }
  | { readonly type: 'UnaryExpression'; readonly operator: string; readonly argument: Node | false }
  | {
      readonly type: 'MemberExpression';
      readonly computed: boolean;
      readonly object: Node;
      readonly property: Node | false;
    }
  | {
      readonly type: 'BinaryExpression' | 'LogicalExpression';
      readonly operator: string;
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly type: 'Compound' | 'ConditionalExpression' | 'ThisExpression' };

/** Far more than a person would write in a line; the parser and everything after it recurse. */
const MAX_LENGTH = 4_000;
const MAX_NESTING = 32;
const MAX_SIGNS = 4;

/** As in JavaScript. Casbin itself gives `in` the rank of `||` whenever it evaluates, so it is set at each parsing. */
const RANK_OF_IN = 7;

/**
 * Parses a condition.
 *
 * @returns the expression, or what is wrong as the rest of a sentence that begins with "the condition"
 */
export function parseExpression(text: string): Node | string {
  const fault = sizeFault(text);
  if (fault !== undefined) return fault;
  try {
    expressions.parse.addBinaryOp('in', RANK_OF_IN);
    return expressions.parse(text) as Node;
  } catch (error) {
    const { message } = error as Error;
    const hint = message.startsWith('Variable names') ? "; write a text in single quotes, such as '2g'" : '';
    return `is no expression: ${message}${hint}`;
  }
}

function sizeFault(text: string): string | undefined {
  if (text === '') return 'is empty; write true for no condition';
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters; split the grant`;
  let depth = 0;
  let signs = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (sign === '"' || sign === "'") at = endOfString(text, at);
    if (sign === '(' || sign === '[') depth += 1;
    if (sign === ')' || sign === ']') depth -= 1;
    if ('!-+~'.includes(sign)) signs += 1;
    else if (sign !== ' ') signs = 0;
    if (depth > MAX_NESTING || signs > MAX_SIGNS) return 'is nested too deeply to be read';
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

const MAX_SHOWN = 160;

/** An expression, written again, and cut to a readable length. */
export function print(node: Node | null | false): string {
  const text = written(node);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

function written(node: Node | null | false): string {
  if (node === null || node === false) return '';
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? JSON.stringify(node.value) : node.raw;
    case 'Identifier':
      return node.name;
    case 'ArrayExpression':
      return `[${node.elements.map(written).join(', ')}]`;
    case 'CallExpression':
      return `${written(node.callee)}(${node.arguments.map(written).join(', ')})`;
    case 'UnaryExpression':
      return `${node.operator}${written(node.argument)}`;
    case 'MemberExpression': {
      const property = written(node.property);
      return `${written(node.object)}${node.computed ? `[${property}]` : `.${property}`}`;
    }
    case 'BinaryExpression':
    case 'LogicalExpression':
      return `${written(node.left)} ${node.operator} ${written(node.right)}`;
    case 'ThisExpression':
      return 'this';
    default:
      return '...';
  }
}
