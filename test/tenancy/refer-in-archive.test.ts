import { describe, expect, it } from 'vitest';
import { archiveScan, withArchive } from '../../src/docker/facts/archive.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';
import type { PolicySight } from '../../src/tenancy/policy-sight.ts';
import { referInArchive } from '../../src/tenancy/refer.ts';

const sight = {
  seesImage: (reference: string) => reference.startsWith('docker.io/library/'),
} as unknown as PolicySight;

function api(target: string) {
  return parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 });
}

/** The reason of the refusal, or the further resources. */
function referred(target: string, images?: readonly string[] | null): unknown {
  const request = api(target);
  const facts = factsOf(request, undefined);
  const found = images?.map((name) => ({
    field: 'Dockerfile',
    reference: name,
    name: /^[0-9a-f]+$/.test(name)
      ? null
      : { type: 'name' as const, domain: 'docker.io', path: name, tag: 'latest' },
  }));
  const read = images === undefined ? facts : withArchive(facts, { images: found ?? null });
  try {
    return referInArchive(request, { facts: read }, { sight });
  } catch (error) {
    if (error instanceof Refusal) return [error.status, error.reason];
    throw error;
  }
}

describe('images that only an archive names', () => {
  it('have to be seen where a build reads them', () => {
    expect(referred('/v1.41/build?t=team-a/x', ['library/alpine'])).toEqual([]);
    expect(referred('/v1.41/build?t=team-a/x', ['library/alpine', 'team-b/app'])).toEqual([
      404,
      'no-such-object',
    ]);
  });

  it('are judged where a load gives their names', () => {
    expect(referred('/v1.41/images/load', ['team-a/app', 'library/alpine'])).toEqual([
      'image/docker.io/team-a/app:latest',
      'image/docker.io/library/alpine:latest',
    ]);
  });

  it('are refused where they are named by what may be an id', () => {
    expect(referred('/v1.41/build', ['cafe'])).toEqual([403, 'archive-untold']);
    expect(referred('/v1.41/images/load', ['cafe'])).toEqual([403, 'archive-untold']);
  });

  it.each([
    ['/v1.41/build?remote=http%3A%2F%2Fexample.com%2Fx.tar', undefined],
    ['/v1.41/build?version=2&session=x', undefined],
    ['/v1.41/build', undefined],
    ['/v1.41/build', null],
  ])('%s: a build of which they can not be told is refused', (target, images) => {
    expect(referred(target, images)).toEqual([403, 'archive-untold']);
  });

  it('are read for whoever does not see all images', () => {
    const request = api('/v1.41/build');
    const facts = factsOf(request, undefined);
    expect(archiveScan(request, facts, new Set(['baseImages']))).toBeDefined();
  });
});
