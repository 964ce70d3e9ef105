import { describe, expect, it } from 'vitest';
import { type Node, parseExpression, print } from '../../../src/policy/conditions/syntax.ts';

function shown(text: string): string {
  const node = parseExpression(text);
  return typeof node === 'string' ? `! ${node}` : print(node);
}

describe('an expression', () => {
  it.each([
    ["a  ==  'b'", 'a == "b"'],
    ["r.a['b'][0]", 'r.a["b"][0]'],
    ['!a&&-1<b', '!a && -1 < b'],
    ['f(1,  "x", true)', 'f(1, "x", true)'],
    ['[1,2]', '[1, 2]'],
    ['1.50', '1.50'],
    ['this.a', 'this.a'],
    ['a ? b : c', '...'],
    ['a b', '...'],
    ['null', 'null'],
    ['a in b && c', 'a in b && c'],
  ])('is written again: %s', (text, written) => {
    expect(shown(text)).toBe(written);
  });

  it('is cut to a readable length', () => {
    expect(shown(`a == '${'x'.repeat(153)}'`)).toBe(`a == "${'x'.repeat(153)}"`);
    expect(shown(`a == '${'x'.repeat(154)}'`)).toBe(`a == "${'x'.repeat(154)}...`);
  });

  it('has nothing to show where nothing stands', () => {
    expect([print(null), print(false)]).toEqual(['', '']);
  });

  it('gives "in" its rank whatever Casbin has made of it', () => {
    const node = parseExpression('a in b && c in d') as Extract<Node, { left: Node }>;
    expect([node.type, node.left.type, node.right.type]).toEqual([
      'LogicalExpression',
      'BinaryExpression',
      'BinaryExpression',
    ]);
  });
});

describe('the size of an expression', () => {
  const DEEP = '! is nested too deeply to be read';

  it('is at most 4,000 characters', () => {
    expect(shown(`a == '${'x'.repeat(3_993)}'`)).not.toMatch(/^!/);
    expect(shown(`a == '${'x'.repeat(3_994)}'`)).toBe('! is longer than 4000 characters; split the grant');
    expect(shown('')).toBe('! is empty; write true for no condition');
  });

  it.each([
    ['brackets', '(', ')'],
    ['lists', '[', ']'],
  ])('is at most 32 %s in one another', (_, open, close) => {
    expect(shown(`${open.repeat(32)}a${close.repeat(32)}`)).not.toBe(DEEP);
    expect(shown(`${open.repeat(33)}a${close.repeat(33)}`)).toBe(DEEP);
    expect(shown(Array(40).fill(`${open}a${close}`).join(' && '))).not.toBe(DEEP);
  });

  it.each(['!', '-', '+', '~'])('is at most 4 of %s in a row, spaces between them or not', (sign) => {
    expect(shown(`${sign.repeat(4)}a`)).not.toBe(DEEP);
    expect(shown(`${sign.repeat(5)}a`)).toBe(DEEP);
    expect(shown(`${`${sign} `.repeat(5)}a`)).toBe(DEEP);
    expect(shown(`${`${sign}a && `.repeat(9)}b`)).not.toBe(DEEP);
  });

  it.each([
    `a == '${'('.repeat(40)}'`,
    `a == "${'('.repeat(40)}"`,
    `a == '\\'${'('.repeat(40)}'`,
    `a == "'${'('.repeat(40)}'"`,
    `a == '!!!!!' && b`,
    `a == '\\\\' && ${'('.repeat(2)}b${')'.repeat(2)}`,
  ])('does not count what stands in texts: %s', (text) => {
    expect(shown(text)).not.toMatch(/^!/);
  });

  it.each([
    `a == '\\\\' && ${'('.repeat(40)}b${')'.repeat(40)}`,
    `a == 'x' && ${'('.repeat(40)}b${')'.repeat(40)}`,
    `a == "x" && ${'('.repeat(40)}b${')'.repeat(40)}`,
  ])('counts what stands behind texts: %s', (text) => {
    expect(shown(text)).toBe(DEEP);
  });
});
