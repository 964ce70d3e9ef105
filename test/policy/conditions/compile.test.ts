import { describe, expect, it } from 'vitest';
import { BODIES } from '../../../src/docker/bodies.ts';
import { findOperation } from '../../../src/docker/operations.ts';
import type { Operation } from '../../../src/docker/types.ts';
import { compileCondition } from '../../../src/policy/conditions/compile.ts';
import { rootShapes } from '../../../src/policy/conditions/shapes.ts';
import { VOCABULARY } from '../support.ts';

const ROOTS = rootShapes([findOperation('ContainerCreate') as Operation], BODIES);

function compiled(text: string) {
  const made = compileCondition(text, ROOTS, VOCABULARY);
  if ('faults' in made) throw new Error(made.faults.join('; '));
  return made.condition;
}

describe('what a condition wants to know that has to be read first', () => {
  it.each<[string, readonly string[]]>([
    ['true', []],
    ["r.facts.images[0].reference == 'a'", ['baseImages', 'loadedImages']],
    ["'a' in r.facts.images.reference", ['baseImages', 'loadedImages']],
    ['r.facts.images[0] == null', ['baseImages', 'loadedImages']],
    ['isEmpty(r.facts.build.baseImages)', ['baseImages']],
    ["r.facts.build.context == 'archive'", []],
    ['r.facts.user.root', ['imageUser']],
    ['r.facts.user == null', ['imageUser']],
    ['r.facts.image == null', []],
    ["r.principal.name == 'user'", []],
    ["r.body.User == 'x'", []],
    ["imageFrom('a.io/**') && usersWithin('1')", ['baseImages', 'loadedImages', 'imageUser']],
  ])('%s: %j', (text, needs) => {
    expect([...compiled(text).needs]).toEqual(needs);
  });
});

describe('a condition speaks of the body', () => {
  it.each([
    'r.body.Image == null',
    'r.facts.runs == null',
    'true && r.body.Tty',
    "satisfies('baseline')",
    'isEmpty(r.facts.images)',
  ])('%s', (text) => {
    expect(compiled(text).ofBody).toBe(true);
  });

  it.each(['true', "r.query.name == 'a'", 'r.version > 1', "anyOf(r.principal.roles, 'a')"])(
    'not: %s',
    (text) => {
      expect(compiled(text).ofBody).toBe(false);
    },
  );
});

describe('a condition is always met', () => {
  it.each([
    ['true', true],
    [' true ', true],
    ['(true)', true],
    ['false', false],
    ['!false', false],
    ['r.version == 1', false],
  ])('%s: %s', (text, always) => {
    expect(compiled(text)).toMatchObject({ always, text });
  });
});
