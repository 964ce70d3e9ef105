import { describe, expect, it } from 'vitest';
import { BODIES } from '../../../src/docker/bodies.ts';
import { imageFact } from '../../../src/docker/facts/image.ts';
import { findOperation } from '../../../src/docker/operations.ts';
import { JsonNumber } from '../../../src/docker/strict-json.ts';
import type { Operation } from '../../../src/docker/types.ts';
import { type Place, resolvePlace } from '../../../src/policy/conditions/place.ts';
import { type Asked, type Reading, read } from '../../../src/policy/conditions/read.ts';
import { rootShapes } from '../../../src/policy/conditions/shapes.ts';
import { type Node, parseExpression } from '../../../src/policy/conditions/syntax.ts';
import { questionOf, type What } from '../support.ts';

const DEFAULT = 'ContainerCreate';

function placeOf(name: string, id = DEFAULT): Place {
  const roots = rootShapes([findOperation(id) as Operation], BODIES);
  const place = resolvePlace(parseExpression(name) as Node, roots);
  if (typeof place === 'string') throw new Error(place);
  return place;
}

const readOf = (name: string, what: What = {}, id = DEFAULT): Reading =>
  read(placeOf(name, id), questionOf({ roles: ['a', 'b'] }, id, 'container/-/web', what));
/** Values with their fields; `?` where they can not be told. */
const shown = ({ items }: Reading) =>
  items.map(({ value, field, untold }) => [`${field}${untold ? '?' : ''}`, value]);

describe('what stands at a place', () => {
  it.each<[string, What, readonly (readonly [string, unknown])[]]>([
    ['r.operation', {}, [['operation', 'ContainerCreate']]],
    ['r.version', { version: 44 }, [['version', 44]]],
    ['r.resource', {}, [['resource', 'container/-/web']]],
    ['r.principal.name', {}, [['principal.name', 'alice']]],
    ['r.principal.roles[1]', {}, [['principal.roles[1]', 'b']]],
    [
      'r.principal.roles',
      {},
      [
        ['principal.roles', 'a'],
        ['principal.roles', 'b'],
      ],
    ],
    ['r.query.name', { query: { name: 'web' } }, [['query name', 'web']]],
    ['r.query.name', {}, [['query name', undefined]]],
    ['r.body.Image', { body: { Image: 'x' } }, [['Image', 'x']]],
    ['r.body.Image', { body: undefined }, [['Image', undefined]]],
    ['r.body.Image', { body: null }, [['Image', undefined]]],
    ['r.body.HostConfig.Memory', { body: { HostConfig: { Memory: 5n } } }, [['HostConfig.Memory', 5n]]],
    [
      'r.body.HostConfig.Memory',
      { body: { HostConfig: new JsonNumber('1') } },
      [['HostConfig.Memory', undefined]],
    ],
    ['r.body.HostConfig.Memory', { body: { HostConfig: [] } }, [['HostConfig.Memory', undefined]]],
    [
      'r.body.HostConfig.CapAdd',
      { body: { HostConfig: { CapAdd: ['A', 'B'] } } },
      [
        ['HostConfig.CapAdd[0]', 'A'],
        ['HostConfig.CapAdd[1]', 'B'],
      ],
    ],
    [
      'r.body.HostConfig.CapAdd[1]',
      { body: { HostConfig: { CapAdd: ['A', 'B'] } } },
      [['HostConfig.CapAdd[1]', 'B']],
    ],
    [
      'r.body.HostConfig.CapAdd[2]',
      { body: { HostConfig: { CapAdd: ['A'] } } },
      [['HostConfig.CapAdd[2]', undefined]],
    ],
    ['r.body.HostConfig.CapAdd', { body: {} }, []],
    ['r.body.HostConfig.CapAdd[0]', { body: {} }, [['HostConfig.CapAdd', undefined]]],
    ["r.body.Labels['a.b-c']", { body: { Labels: { 'a.b-c': 'x' } } }, [['Labels.a.b-c', 'x']]],
    ["r.body.Labels['a b']", { body: { Labels: { 'a b': 'x' } } }, [['Labels["a b"]', 'x']]],
    ["r.body.Labels['-a']", { body: { Labels: {} } }, [['Labels["-a"]', undefined]]],
    ["r.body.Labels['a/b']", { body: { Labels: {} } }, [['Labels["a/b"]', undefined]]],
    ['r.facts.runs', { facts: { runs: 'exec' } }, [['facts.runs', 'exec']]],
    ['r.facts.labels.a', { facts: { labels: { field: 'x', a: 'b' } } }, [['facts.labels.a', 'b']]],
    [
      'r.facts.runtime.name',
      { facts: { runtime: { field: 'HostConfig.Runtime', name: 'runsc' } } },
      [['HostConfig.Runtime', 'runsc']],
    ],
    [
      'r.facts.ports.host.first',
      {
        facts: {
          ports: [
            { field: 'P[0]', container: '1/tcp', host: { first: 1, last: 2 }, address: '' },
            { field: 'P[1]', container: '2/tcp', host: null, address: '' },
          ],
        },
      },
      [
        ['P[0]', 1],
        ['P[1]', undefined],
      ],
    ],
  ])('%s of %o', (name, what, expected) => {
    const reading = readOf(name, what);
    expect(shown(reading)).toEqual(expected);
    expect(reading.untold).toBe(false);
  });

  it('is named by its parameter in a query, however deep it is', () => {
    const query = { filters: { label: ['a'] } };
    expect(shown(readOf('r.query.filters.label', { query }, 'ContainerList'))).toEqual([
      ['query filters', 'a'],
    ]);
  });

  it('is a list or nothing where a list should be', () => {
    expect(() => readOf('r.body.HostConfig.CapAdd', { body: { HostConfig: { CapAdd: 'ALL' } } })).toThrow(
      new TypeError('a list was expected'),
    );
  });
});

describe('what can not be told', () => {
  const known = (asked: Asked): Asked => {
    const { facts: _, body: __, ...rest } = asked;
    return rest;
  };
  const beforeBody = (name: string) => read(placeOf(name), known(questionOf({}, DEFAULT, 'x')));

  it.each(['r.facts.runs', 'r.body.Image', 'r.body.HostConfig.CapAdd[0]'])(
    'is %s before the body is read',
    (name) => {
      const reading = beforeBody(name);
      expect(reading.untold).toBe(true);
      expect(shown(reading)).toEqual([[`${name.slice(2)}?`, undefined]]);
    },
  );

  it.each(['r.facts.images.reference', 'r.body.HostConfig.CapAdd'])(
    'are all items of %s before the body is read',
    (name) => {
      expect(beforeBody(name)).toMatchObject({ untold: true, items: [] });
    },
  );

  it('is nothing that is known before', () => {
    expect(beforeBody('r.version')).toMatchObject({ untold: false, items: [{ untold: false }] });
    expect(beforeBody('r.query.name')).toMatchObject({ untold: false, items: [{ untold: false }] });
  });

  const image = { ...imageFact('Image', 'cafe') };
  const hostPath = { field: 'B', path: null, mode: 'rw', via: 'bind' } as const;
  const build = { context: 'archive', builder: 'classic', baseImages: null } as const;
  it.each<[string, What]>([
    ['r.facts.image.name', { facts: { image } }],
    ['r.facts.image.name.domain', { facts: { image } }],
    ['r.facts.images.name.path', { facts: { images: [image] } }],
    ['r.facts.tags.name', { facts: { tags: [image] } }],
    ['r.facts.hostPaths.path', { facts: { hostPaths: [hostPath] } }],
    ['r.facts.user.root', { facts: { user: { field: 'User', value: 'app', root: null } } }],
    ['r.facts.user', { facts: { runs: 'container', user: null } }],
    ['r.facts.user.root', { facts: { runs: 'exec', user: null } }],
    ['r.facts.build.baseImages', { facts: { build } }],
  ])('is %s of %o', (name, what) => {
    expect(readOf(name, what).items).toMatchObject([{ untold: true }]);
  });

  it.each<[string, What]>([
    ['r.facts.user', { facts: { runs: null, user: null } }],
    ['r.facts.image.name', { facts: { image: null } }],
    ['r.facts.runtime', { facts: { runtime: null } }],
    ['r.facts.runs', { facts: { runs: null } }],
    ['r.body.User', { body: { User: null } }],
  ])('is not %s of %o, which is not there', (name, what) => {
    expect(readOf(name, what).items).toMatchObject([{ untold: false }]);
  });

  it.each<[string, string, What, boolean]>([
    ['an archive of images that nobody read', 'ImageLoad', {}, true],
    ['an archive of images that was read', 'ImageLoad', { facts: { images: [image] } }, false],
    ['a build that nobody read', 'ImageBuild', { facts: { build } }, true],
    ['a build that was read', 'ImageBuild', { facts: { build: { ...build, baseImages: [] } } }, false],
    ['a container without an image', 'ContainerCreate', {}, false],
  ])('are more images of %s: %s', (_, id, what, untold) => {
    expect(readOf('r.facts.images.reference', what, id).untold).toBe(untold);
    expect(readOf('r.facts.hostPaths.path', what, id).untold).toBe(false);
    expect(readOf('r.facts.image', what, id).untold).toBe(false);
  });
});

describe('a place', () => {
  const lost = (name: string, id = DEFAULT) => {
    const roots = rootShapes([findOperation(id) as Operation], BODIES);
    return resolvePlace(parseExpression(name) as Node, roots);
  };

  it('is written without the r before it', () => {
    expect(placeOf('r.query.name').text).toBe('query.name');
    expect(placeOf("r.body.Labels['r.x']").text).toBe('body.Labels["r.x"]');
  });

  it.each([
    ['a.b', 'names a, which is not there; values begin with r., texts stand in quotes'],
    ['f(x).b', 'names f(x), which is not there; values begin with r., texts stand in quotes'],
    ['r.facts[-1]', 'names r.facts[-1], where [ ] must hold a text or the number of an item, written out'],
    [
      'r.facts[null]',
      'names r.facts[null], where [ ] must hold a text or the number of an item, written out',
    ],
    ['r.facts[r.a]', 'names r.facts[r.a], where [ ] must hold a text or the number of an item, written out'],
  ])('%s is none', (name, sentence) => {
    expect(lost(name)).toBe(sentence);
  });

  it('that is not there is told by what is, up to twelve names', () => {
    expect(lost('r.principal.xxxxxxxx')).toBe(
      'names r.principal.xxxxxxxx, where xxxxxxxx is not there; known there: name, tenant, roles, method',
    );
    expect(lost('r.facts.xxxxxxxxxxxx')).toBe('names r.facts.xxxxxxxxxxxx, where xxxxxxxxxxxx is not there');
  });
});
