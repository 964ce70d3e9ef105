import { lowerCall } from './calls.ts';
import { call, type Draft, literal, NOTHING, writtenOut } from './draft.ts';
import { type Node, print } from './syntax.ts';
import { comparisonFault, isComparison, type Side, valueFault } from './typing.ts';
import { wording, wordingOf } from './wording.ts';

/** Chains of && and || are flat here; what is left to nest are brackets and negations. */
const MAX_DEPTH = 40;

/** Rewrites whatever is true or false into calls of registered functions. */
export function lowerCondition(node: Node | null | false, draft: Draft, depth = 0): Node {
  if (node === null || node === false) return draft.fault('has an operator or a bracket with nothing in it');
  if (depth > MAX_DEPTH) return draft.fault('is nested too deeply to be read');
  switch (node.type) {
    case 'LogicalExpression':
      return lowerChain(node, draft, depth);
    case 'UnaryExpression':
      if (node.operator === '!') return call('not', lowerCondition(node.argument, draft, depth + 1));
      return draft.fault(`uses the operator ${node.operator}, which conditions do not have`);
    case 'BinaryExpression':
      if (node.operator === 'in') return lowerMembership(node.left, node.right, draft);
      return lowerComparison(node.operator, node.left, node.right, draft);
    case 'CallExpression':
      return lowerCall(node, draft);
    case 'Identifier':
    case 'MemberExpression':
      return lowerTruth(node, draft);
    case 'Literal':
      if (typeof node.value === 'boolean') return call('constant', literal(node.value));
      return draft.fault(`says ${print(node)} alone, which is neither true nor false`);
    case 'ArrayExpression':
      return draft.fault(`says ${print(node)} alone, which is neither true nor false`);
    case 'Compound':
      return draft.fault('is not one expression; join conditions by && or ||');
    case 'ConditionalExpression':
      return draft.fault('uses ? :, which conditions do not have; use && and ||');
    default:
      return draft.fault('uses this, which conditions do not have');
  }
}

function lowerChain(chain: Extract<Node, { left: Node }>, draft: Draft, depth: number): Node {
  const parts: Node[] = [];
  let at: Node = chain;
  while (at.type === 'LogicalExpression' && at.operator === chain.operator) {
    parts.unshift(at.right);
    at = at.left;
  }
  const lowered = [at, ...parts].map((part) => lowerCondition(part, draft, depth + 1));
  return call(chain.operator === '&&' ? 'all' : 'any', ...lowered);
}

function lowerTruth(node: Node, draft: Draft): Node {
  const place = draft.place(node);
  if (place === undefined) return NOTHING;
  const { kind } = place.shape;
  if (place.list || (kind !== 'boolean' && kind !== 'any')) {
    return draft.fault(
      `says ${print(node)} alone, which is neither true nor false; compare it with something`,
    );
  }
  return call(
    'compare',
    literal('=='),
    lowerSide({ place, node }),
    literal(true),
    literal(wording(place, 'be true')),
  );
}

function lowerComparison(operator: string, leftNode: Node, rightNode: Node, draft: Draft): Node {
  if (operator === '===' || operator === '!==') {
    return draft.fault(`uses the operator ${operator}; write ${operator.slice(0, 2)}`);
  }
  if (!isComparison(operator))
    return draft.fault(`uses the operator ${operator}, which conditions do not have`);
  const [left, right] = [sideOf(leftNode, draft), sideOf(rightNode, draft)];
  if (left === undefined || right === undefined) return NOTHING;
  const fault = comparisonFault(operator, left, right);
  if (fault !== undefined) return draft.fault(fault);
  const words = wordingOf(operator, left, right);
  if (words === undefined) {
    return draft.fault(`compares ${print(leftNode)} with ${print(rightNode)}, both written out`);
  }
  return call('compare', literal(operator), lowerSide(left), lowerSide(right), literal(words));
}

function lowerMembership(leftNode: Node, rightNode: Node, draft: Draft): Node {
  const left = sideOf(leftNode, draft);
  if (left === undefined) return NOTHING;
  if (rightNode.type === 'ArrayExpression') return lowerChoice(left, rightNode.elements, draft);
  if (rightNode.type !== 'MemberExpression') {
    return draft.fault(
      `has "in ${print(rightNode)}", which is no list; put && and || around "in" in brackets`,
    );
  }
  const list = draft.place(rightNode);
  if (list === undefined) return NOTHING;
  if (!list.list) return draft.fault(`has "in ${print(rightNode)}", which is no list`);
  const items: Side = { place: { ...list, list: false }, node: rightNode };
  const fault = comparisonFault('==', left, items);
  if (fault !== undefined) return draft.fault(fault);
  return call(
    'isIn',
    lowerSide(left),
    call('items', literal(list)),
    literal(wording(list, `hold ${print(leftNode)}`)),
  );
}

/** One of several that are written out. */
function lowerChoice(left: Side, elements: readonly (Node | null)[], draft: Draft): Node {
  const sides = elements.map((each) => (each === null ? undefined : writtenOut(each)));
  const shown = `[${elements.map(print).join(', ')}]`;
  if (!('place' in left))
    return draft.fault(`asks whether ${print(left.node)} is in ${shown}, both written out`);
  const values: unknown[] = [];
  for (const side of sides) {
    if (side === undefined || side.value === null) {
      return draft.fault(`has the list ${shown}, which must hold texts or numbers, written out`);
    }
    const fault = comparisonFault('==', left, side) ?? valueFault(left, side);
    if (fault !== undefined) return draft.fault(fault);
    values.push(side.value);
  }
  if (values.length === 0) return draft.fault('has an empty list, in which nothing can be');
  return call('isIn', lowerSide(left), literal(values), literal(wording(left.place, `be one of ${shown}`)));
}

function sideOf(node: Node, draft: Draft): Side | undefined {
  const written = writtenOut(node);
  if (written !== undefined) return written;
  if (node.type === 'MemberExpression' || node.type === 'Identifier') {
    const place = draft.place(node);
    return place === undefined ? undefined : { place, node };
  }
  draft.fault(`compares ${print(node)}, which is no value; compare names under r. with what is written out`);
  return undefined;
}

function lowerSide(side: Side): Node {
  return 'place' in side ? call('value', literal(side.place)) : literal(side.value);
}
