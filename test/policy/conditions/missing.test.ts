import { describe, expect, it } from 'vitest';
import type { What } from '../support.ts';
import { allowedBy, deniedBy } from './support.ts';

/** Neither Memory nor Privileged nor Binds are given, whether HostConfig is or not. */
const BODIES: readonly What[] = [{ body: {} }, { body: { HostConfig: {} } }, { body: undefined }];

describe('a comparison with what is not given', () => {
  it.each([
    'r.body.HostConfig.Memory < 5',
    'r.body.HostConfig.Memory >= 5',
    'r.body.HostConfig.Memory == 5',
    'r.body.HostConfig.Memory != 5',
    'r.body.HostConfig.Memory in [5]',
    'r.body.HostConfig.Privileged',
    'r.body.HostConfig.Privileged == false',
    'r.body.HostConfig.Privileged != true',
    "r.body.HostConfig.Binds[0] == '/a:/a'",
    'r.body.HostConfig.Memory == r.body.HostConfig.MemorySwap',
  ])('never allows, and its negation neither: %s', async (condition) => {
    for (const what of BODIES) {
      for (const text of [condition, `!(${condition})`, `!!(${condition})`, `!(!(${condition}) && true)`]) {
        expect(await allowedBy(text, what), text).toMatchObject({
          effect: 'deny',
          reason: 'condition-not-met',
        });
      }
      expect(await allowedBy(`${condition} || !(${condition})`, what)).toMatchObject({ effect: 'deny' });
      expect(await allowedBy(`!(${condition} || false)`, what)).toMatchObject({ effect: 'deny' });
    }
  });

  it('says that it is not given', async () => {
    const { reasons } = await allowedBy('!(r.body.HostConfig.Memory > 5)', { body: {} });
    expect(reasons).toEqual([
      {
        check: 'condition-not-met',
        field: 'HostConfig.Memory',
        asks: 'is not given',
        remedy: 'it must be above 5',
        grant: expect.stringMatching(/:1$/),
      },
    ]);
  });

  it('is false in the condition of a denial, and its negation true', async () => {
    for (const what of BODIES) {
      for (const condition of ['r.body.HostConfig.Memory > 5', 'r.body.HostConfig.Privileged == true']) {
        expect(await deniedBy(condition, what)).toMatchObject({ effect: 'allow' });
        expect(await deniedBy(`!(${condition})`, what)).toMatchObject({ reason: 'denied-by-grant' });
      }
      expect(await deniedBy("r.body.HostConfig.NetworkMode != 'none'", what)).toMatchObject({
        reason: 'denied-by-grant',
      });
    }
  });

  it('can be asked for with null', async () => {
    for (const what of BODIES) {
      expect(await allowedBy('r.body.HostConfig.Memory == null', what)).toMatchObject({ effect: 'allow' });
      expect(await allowedBy('r.body.HostConfig.Memory != null', what)).toMatchObject({ effect: 'deny' });
      const either = 'r.body.HostConfig.Memory == null || r.body.HostConfig.Memory < 5';
      expect(await allowedBy(either, what)).toMatchObject({ effect: 'allow' });
    }
  });
});

describe('a list that is not given', () => {
  it('is an empty one', async () => {
    for (const what of BODIES) {
      for (const met of [
        'isEmpty(r.body.HostConfig.CapAdd)',
        "noneOf(r.body.HostConfig.CapAdd, 'ALL')",
        "allIn(r.body.HostConfig.CapAdd, 'CHOWN')",
        "!('ALL' in r.body.HostConfig.CapAdd)",
        "!anyOf(r.body.HostConfig.CapAdd, 'ALL')",
        "noneOf(r.body.HostConfig.Mounts.Type, 'bind')",
      ]) {
        expect(await allowedBy(met, what), met).toMatchObject({ effect: 'allow' });
      }
    }
  });

  it('has items of which something is not given, and they count against the request', async () => {
    const what = { body: { HostConfig: { Mounts: [{ Type: 'volume' }, { Target: '/x' }] } } };
    for (const not of [
      "noneOf(r.body.HostConfig.Mounts.Type, 'bind')",
      "allIn(r.body.HostConfig.Mounts.Type, 'volume')",
      "!anyOf(r.body.HostConfig.Mounts.Type, 'bind')",
    ]) {
      expect(await allowedBy(not, what), not).toMatchObject({ effect: 'deny' });
    }
    expect(await allowedBy("anyOf(r.body.HostConfig.Mounts.Type, 'volume')", what)).toMatchObject({
      effect: 'allow',
    });
  });
});

describe('what can not be told', () => {
  const image = { field: 'Image', reference: 'cafe', name: null };
  const path = { field: 'HostConfig.Binds[0]', path: null, mode: 'rw' as const, via: 'bind' as const };
  const what: What = {
    facts: {
      runs: 'container',
      image,
      images: [image],
      hostPaths: [path],
      user: { field: 'User', value: 'app', root: null },
      build: { context: 'archive', builder: 'buildkit', baseImages: null },
    },
  };

  it.each([
    "imageFrom('docker.io/**')",
    "hostPathsWithin('/')",
    "allIn(r.facts.hostPaths.path, '**')",
    'r.facts.user.root == true',
    'r.facts.user.root',
    "r.facts.image.name.domain == 'docker.io'",
    "noneOf(r.facts.images.name.domain, 'docker.io')",
    "anyOf(r.facts.images.reference, 'docker.io/**')",
    'isEmpty(r.facts.build.baseImages)',
    "baseImagesFrom('docker.io/**')",
  ])('counts against the request, negated or not, in grants of both kinds: %s', async (condition) => {
    for (const text of [condition, `!${condition.includes(' ') ? `(${condition})` : condition}`]) {
      expect((await allowedBy(text, what)).effect, text).toBe('deny');
      expect((await deniedBy(text, what)).reason, text).toBe('denied-by-grant');
    }
  });

  it('is told apart from what is known not to be there', async () => {
    expect(await deniedBy("r.facts.runtime.name == 'runsc'", what)).toMatchObject({ effect: 'allow' });
    expect(await deniedBy('r.facts.user.root', { facts: { runs: null, user: null } })).toMatchObject({
      effect: 'allow',
    });
    expect(await deniedBy('r.facts.user.root', { facts: { runs: 'container', user: null } })).toMatchObject({
      effect: 'deny',
    });
  });
});
