import { describe, expect, it } from 'vitest';
import { HOST_CONFIGS } from './attack-host-configs.ts';
import { CREATES, NOT_A_HAZARD, REQUESTS } from './attack-requests.ts';
import { CREATE, found } from './found.ts';

describe('an attack that baseline refuses', () => {
  const creates = [
    ...HOST_CONFIGS.map(([id, what, HostConfig, expected]) => [id, what, { HostConfig }, expected] as const),
    ...CREATES,
  ];

  it.each(creates)('%s: %s', (_, __, body, expected) => {
    expect(found('baseline', CREATE, { Image: 'x', ...body })).toEqual(expected);
    expect(found('restricted', CREATE, { Image: 'x', ...body })).toEqual(
      expect.arrayContaining([...expected]),
    );
    expect(found('privileged', CREATE, { Image: 'x', ...body })).toEqual([]);
  });

  it.each(REQUESTS)('%s: %s %j', (_, line, body, expected) => {
    expect(found('baseline', line, body)).toEqual(expected);
  });
});

describe('an attack on others, in which no check sees a hazard', () => {
  it.each(NOT_A_HAZARD)('%s: %s', (_, __, body) => {
    expect(found('baseline', CREATE, { Image: 'x', ...body })).toEqual([]);
  });
});

describe('the corpus', () => {
  it('has no case of section E that is not here', () => {
    // E001, E003, ..., E059: the last is in the image, and no word of it in the request.
    const listed = Array.from({ length: 30 }, (_, index) => `E${String(2 * index + 1).padStart(3, '0')}`);
    const here = new Set([...HOST_CONFIGS, ...CREATES, ...NOT_A_HAZARD, ...REQUESTS].map(([id]) => id));
    expect(listed.filter((id) => !here.has(id))).toEqual(['E059']);
  });
});
