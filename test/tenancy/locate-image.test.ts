import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../src/docker/request.ts';
import { locate, type Means } from '../../src/tenancy/locate.ts';
import { Lookup } from '../../src/tenancy/lookup.ts';
import { SHARED } from '../../src/tenancy/names/names.ts';
import { Resolution } from '../../src/tenancy/resolution.ts';

const ID = `sha256:${'cafe'.repeat(16)}`;

/** An Engine with one image, which all see. */
function meansOf(references: readonly string[]): Means {
  const objects = { image: async () => ({ id: ID, references }) };
  const sight = {
    ...{ tenant: 'team-a', seesImage: () => true },
    asked: () => ({ effect: 'allow' }),
  };
  const bridge = async () => '';
  const lookup = new Lookup(objects as never, sight as never, 'ImageTag', { names: SHARED, bridge });
  return { objects, sight, lookup, names: SHARED, bridge } as never;
}

async function targetOf(line: string, references: readonly string[]): Promise<string> {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  return (await locate(api, meansOf(references))).api.target;
}

describe('an image by a name that could be the beginning of an id', () => {
  // Between the gateway's question and the Engine's answer the name may go, and then another's image would be meant.
  it.each([
    ['DELETE /v1.41/images/cafe', '/v1.41/images/docker.io/library/cafe:latest'],
    ['GET /v1.41/images/cafe/json', '/v1.41/images/docker.io/library/cafe:latest/json'],
    [
      'POST /v1.41/images/cafe/tag?repo=team-a/x',
      '/v1.41/images/docker.io/library/cafe:latest/tag?repo=team-a%2Fx',
    ],
    ['GET /v1.41/images/cafe/get', '/v1.41/images/docker.io/library/cafe/get'],
    ['GET /v1.41/images/cafe:1/get', '/v1.41/images/cafe:1/get'],
    ['GET /v1.41/images/get?names=cafe', '/v1.41/images/get?names=docker.io%2Flibrary%2Fcafe'],
  ])('%s is asked for in full', async (line, target) => {
    expect(await targetOf(line, ['cafe:latest'])).toBe(target);
  });

  it('is written in full into a body', async () => {
    const resolution = new Resolution(meansOf(['cafe:latest']).lookup);
    resolution.note('image', 'cafe', 'Image');
    await resolution.resolve();
    expect(resolution.toId('image', 'cafe', 'Image')).toBe('docker.io/library/cafe:latest');
  });

  it('is its whole id where no image has that name, and every other name stays as it is', async () => {
    expect(await targetOf('GET /v1.41/images/cafe/json', ['team-a/x:1'])).toBe(`/v1.41/images/${ID}/json`);
    expect(await targetOf('GET /v1.41/images/alpine/json', [])).toBe('/v1.41/images/alpine/json');
  });
});
