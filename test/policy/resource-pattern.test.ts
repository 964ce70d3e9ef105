import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import type { Query } from '../../src/docker/types.ts';
import { resourceFault } from '../../src/policy/resource-pattern.ts';
import { resourcesOf } from '../../src/tenancy/resource.ts';

const KINDS = new Set<string>(OPERATIONS.map(({ kind }) => kind));

describe('a resource pattern', () => {
  it.each([
    '**',
    '*',
    '*/-/web',
    '*/*/web',
    '**/web',
    'con*/-/web',
    'engine',
    'engine/**',
    'swarm',
    'build',
    'container/**',
    'container/-/**',
    'container/-/',
    'container/-/web-*',
    'container/*/web',
    'container/-**',
    'exec/-/*',
    'secret/-/db',
    'volume/**/cache',
    'image',
    'image/**',
    'image/docker.io/library/alpine',
    'image/docker.io/library/alpine:3',
    'image/docker.io/library/*',
    'image/reg.example.com:5000/team/**',
    'image/localhost/a:1',
    'image/*/team/**',
    'image/sha256:*',
    'image/cafe',
    'image/docker.io/**',
    'image/*',
    'registry',
    'registry/docker.io',
    'registry/**',
    'plugin/vieux/sshfs:latest',
    'node/*',
  ])('%s can match', (pattern) => {
    expect(resourceFault(pattern, KINDS)).toBeUndefined();
  });

  it.each([
    ['', /^is no pattern of the form kind\/tenant\/name/],
    ['container/***', /^is no pattern/],
    ['container//web', /^is no pattern/],
    ['container/-/[ab]', /^is no pattern/],
    ['container/-/a?', /^is no pattern/],
    ['container/-/{a}', /^is no pattern/],
    ['container/-/!a', /^is no pattern/],
    ['container/-/a b', /^is no pattern/],
    ['/container/-/web', /^begins with no known kind \(.*container.*\)/],
    ['pod/**', /^begins with no known kind/],
    ['Container/**', /^begins with no known kind/],
    ['container', /^can match nothing: write container\/-\/\*; every container has the tenant "-" so far/],
    ['container/web', /^can match nothing: write container\/-\/web; /],
    ['container/red/web', /^can match nothing: write container\/-\/web; /],
    ['container/red/**', /^can match nothing: write container\/-\/\*\*; /],
    ['container/-', /^can match nothing: write container\/-\//],
    ['engine/-', /^can match nothing: there is one engine, so write engine/],
    ['swarm/x', /^can match nothing: there is one swarm/],
    ['image/alpine', /^can match nothing: images are written in full, image\/docker\.io\/library\/alpine$/],
    ['image/team/app:1', /^can match nothing: images are written in full, image\/docker\.io\/team\/app:1$/],
    [
      'image/alpine:*',
      /^can match nothing: images are written in full, image\/docker\.io\/library\/alpine:\*$/,
    ],
    [
      'image/docker.io/alpine:3',
      /^can match nothing: images are written in full, image\/docker\.io\/library\/alpine:3$/,
    ],
    ['image/docker.io/alpine:*', /^can match nothing: write image\/docker\.io\/library\/alpine:\*$/],
    ['image/index.docker.io/library/*', /^can match nothing: index\.docker\.io is written docker\.io$/],
    [
      'image/team/*',
      /^can match nothing: images are written with their registry, image\/docker\.io\/team\/\*$/,
    ],
    ['image/Reg.example.com/**', /^can match nothing: registries are in lower case$/],
    ['image/docker.io/library/Alpine:3', /^can match nothing: it is no name of an image$/],
    ['registry/Docker.io', /^can match nothing: registries are in lower case, registry\/docker\.io$/],
    ['plugin/', /^can match nothing: no plugin ends in a slash$/],
  ])('%s is a fault', (pattern, sentence) => {
    expect(resourceFault(pattern, KINDS)).toMatch(sentence);
  });

  it('is no fault when it is a resource itself, of whatever operation', () => {
    const queries: Query[] = [
      {},
      { name: 'web' },
      { fromImage: 'alpine', tag: '3' },
      { repo: 'team/app' },
      { term: 'x' },
    ];
    for (const operation of OPERATIONS) {
      for (const query of queries) {
        for (const name of ['web', 'reg.example.com/team/app', 'cafe']) {
          const params = operation.path.includes('{') ? { id: name, name } : {};
          const [resource, ...involved] = resourcesOf({
            operation,
            version: 41,
            versionGiven: true,
            params,
            query,
            target: '',
          });
          expect(resourceFault(resource, KINDS), `${operation.id} ${resource}`).toBeUndefined();
          expect(resource.split('/', 1)[0]).toBe(operation.kind);
          for (const other of involved) {
            expect(resourceFault(other, KINDS), `${operation.id} ${other}`).toBeUndefined();
            expect([operation.kind, ...(operation.involves ?? [])]).toContain(other.split('/', 1)[0]);
          }
        }
      }
    }
  });
});
