import { describe, expect, it } from 'vitest';
import { BODIES } from '../../src/docker/bodies.ts';
import { OPERATIONS } from '../../src/docker/operations.ts';

describe('the models of bodies', () => {
  it('are one for each operation that takes JSON, and none for others', () => {
    const takes = OPERATIONS.filter(({ body }) => body.startsWith('json')).map(({ id }) => id);
    expect(Object.keys(BODIES).sort()).toEqual(takes.sort());
  });
});
