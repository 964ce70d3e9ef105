import { describe, expect, it } from 'vitest';
import { withWarnings } from '../../src/docker/warnings.ts';

const added = (text: string) => withWarnings(Buffer.from(text), ['changed']).toString();

describe('warnings of the gateway', () => {
  it.each([
    ['{"Id":"a","Warnings":[]}\n', '{"Id":"a","Warnings":["changed"]}'],
    ['{"Id":"a","Warnings":null}', '{"Id":"a","Warnings":["changed"]}'],
    ['{"Id":"a"}', '{"Id":"a","Warnings":["changed"]}'],
    [
      '{"Id":"a","Warnings":["of the Engine"],"New":1.0}',
      '{"Id":"a","Warnings":["of the Engine","changed"],"New":1.0}',
    ],
  ])('come after those of the Engine in %j', (answer, expected) => {
    expect(added(answer)).toBe(expected);
  });

  it.each(['{"message":"no such image"}', '', 'not JSON', '[]'])('are not added to %j', (answer) => {
    expect(added(answer)).toBe(answer);
  });
});
