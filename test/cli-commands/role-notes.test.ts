import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { roleNotes } from '../../src/cli/role-notes.ts';
import { freshFolder } from './command.ts';

function notes(grants: string, ...roles: string[]): string[] {
  const file = `${freshFolder()}/grants.csv`;
  writeFileSync(file, grants);
  return roleNotes(file, roles).map((note) => note.slice(file.length));
}

it('says nothing of a role that a grant names, or that is a member of another', () => {
  expect(notes('p, role:a, **, @read, true, allow\ng, role:b, role:a\n', 'a', 'b')).toEqual([]);
});

it('tells of every role that has nothing, and guesses only what is near', () => {
  const grants =
    '# role:other\np, role:viewer, **, @read, true, allow\np, user:build, **, @read, true, allow\n';
  expect(notes(grants, 'veiwer', 'viewer', 'other', 'build')).toEqual([
    ' grants nothing to the role veiwer; did you mean viewer?',
    ' grants nothing to the role other',
    ' grants nothing to the role build',
  ]);
});

it('takes a role that is only given out, and never granted anything, for one that has nothing', () => {
  expect(notes('g, user:alice, role:a\n', 'a')).toEqual([' grants nothing to the role a']);
});

it('says nothing where there are no grants to be read', () => {
  expect(roleNotes(undefined, ['a'])).toEqual([]);
  expect(roleNotes('/nowhere/grants.csv', ['a'])).toEqual([]);
});
