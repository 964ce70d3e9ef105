import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { resourcesOf } from '../../src/tenancy/resource.ts';

const HEX = '0123456789abcdef'.repeat(4);

const resources = (line: string, engine = 56) => {
  const [method = '', target = ''] = line.split(' ');
  return resourcesOf(parseRequest({ method, target }, { floor: 24, ceiling: 56, engine }));
};
const resource = (line: string, engine = 56) => {
  return resources(line, engine)[0];
};

describe('the resource of a request', () => {
  it.each([
    ['GET /containers/json', 'container/-/'],
    ['POST /containers/prune', 'container/-/'],
    ['POST /containers/create', 'container/-/'],
    ['POST /containers/create?name=web', 'container/-/web'],
    ['POST /containers/create?name=/web', 'container/-/web'],
    ['GET /containers/web/json', 'container/-/web'],
    ['POST /containers/web/rename?name=other', 'container/-/web'],
    ['POST /v1.41/containers/alicec/json/exec', 'container/-/alicec/json'],
    ['DELETE /containers/web/checkpoints/one', 'container/-/web'],
    ['POST /exec/abc/start', 'exec/-/abc'],
    ['GET /networks', 'network/-/'],
    ['POST /networks/create', 'network/-/'],
    ['POST /networks/net/connect', 'network/-/net'],
    ['GET /volumes/db', 'volume/-/db'],
    ['POST /volumes/prune', 'volume/-/'],
    ['GET /services/web/logs', 'service/-/web'],
    ['GET /tasks', 'task/-/'],
    ['GET /tasks/abc', 'task/-/abc'],
    ['GET /secrets', 'secret/-/'],
    ['GET /secrets/abc', 'secret/-/abc'],
    ['POST /configs/abc/update?version=3', 'config/-/abc'],
    ['GET /nodes', 'node'],
    ['GET /nodes/abc', 'node/abc'],
    ['POST /swarm/init', 'swarm'],
    ['GET /swarm', 'swarm'],
    ['GET /plugins', 'plugin'],
    ['GET /plugins/vieux/sshfs:latest/json', 'plugin/vieux/sshfs:latest'],
    ['GET /plugins/privileges?remote=vieux/sshfs', 'plugin/vieux/sshfs'],
    ['POST /plugins/pull?remote=vieux/sshfs&name=mine', 'plugin/mine'],
    ['POST /plugins/pull?remote=vieux/sshfs&name=', 'plugin/vieux/sshfs'],
    ['POST /plugins/create?name=mine', 'plugin/mine'],
    ['POST /build?t=alice/x', 'build'],
    ['POST /build/prune', 'build'],
    ['POST /build/cancel?id=x', 'build'],
    ['GET /info', 'engine'],
    ['GET /system/df', 'engine'],
    ['GET /events', 'engine'],
    ['POST /session', 'engine'],
    ['POST /grpc', 'engine'],
    ['GET /debug/vars', 'engine'],
  ])('%s is %s', (line, name) => {
    expect(resource(line)).toBe(name);
  });

  it.each([
    ['GET /images/json', 'image'],
    ['POST /images/load', 'image'],
    ['POST /images/prune', 'image'],
    ['GET /images/alpine/json', 'image/docker.io/library/alpine:latest'],
    ['GET /images/bob%2Fapp/history', 'image/docker.io/bob/app:latest'],
    ['GET /images/reg.io:5000/bob/app:1/get', 'image/reg.io:5000/bob/app:1'],
    [`GET /images/alpine@sha256:${HEX}/json`, `image/docker.io/library/alpine@sha256:${HEX}`],
    ['DELETE /images/docker.io/library/alpine:3', 'image/docker.io/library/alpine:3'],
    [`DELETE /images/sha256:${HEX}`, `image/sha256:${HEX}`],
    ['GET /images/cafe/json', 'image/cafe'],
  ])('%s is %s: an image on the Engine by its full name, or by what may be its id (B021)', (line, name) => {
    expect(resource(line)).toBe(name);
  });

  it.each([
    ['POST /images/create?fromImage=alpine&tag=3', 'image/docker.io/library/alpine:3'],
    ['POST /images/create?fromImage=alpine:3', 'image/docker.io/library/alpine:3'],
    ['POST /images/create?fromImage=alpine:3&tag=4', 'image/docker.io/library/alpine:4'],
    ['POST /images/create?fromImage=alpine', 'image/docker.io/library/alpine'],
    ['POST /images/create?fromImage=alpine:&tag=', 'image/docker.io/library/alpine'],
    ['POST /images/create?fromImage=cafe', 'image/docker.io/library/cafe'],
    [
      `POST /images/create?fromImage=alpine&tag=sha256:${HEX}`,
      `image/docker.io/library/alpine@sha256:${HEX}`,
    ],
    ['POST /images/create?fromImage=evil.io/x&repo=alice/x', 'image/evil.io/x'],
    ['POST /images/create?fromSrc=-&repo=alice/x&tag=1', 'image/docker.io/alice/x:1'],
    ['POST /images/create?fromSrc=-&repo=alice/x', 'image/docker.io/alice/x:latest'],
    ['POST /images/create?fromSrc=-', 'image'],
    ['POST /images/alpine/push', 'image/docker.io/library/alpine'],
    ['POST /images/reg.io/app/push?tag=2', 'image/reg.io/app:2'],
    ['POST /images/alpine/tag?repo=bob/app&tag=1', 'image/docker.io/bob/app:1'],
    ['POST /images/alpine/tag?repo=bob/app', 'image/docker.io/bob/app:latest'],
    ['POST /commit?container=web&repo=alice/x&tag=1', 'image/docker.io/alice/x:1'],
    ['POST /commit?container=web', 'image'],
  ])('%s is %s: the image that is brought, sent or made (C005, F029)', (line, name) => {
    expect(resource(line)).toBe(name);
  });

  it.each([
    [
      'POST /images/alpine/tag?repo=bob/app',
      ['image/docker.io/bob/app:latest', 'image/docker.io/library/alpine:latest'],
    ],
    ['POST /images/cafe/tag?repo=bob/app&tag=2', ['image/docker.io/bob/app:2', 'image/cafe']],
    ['POST /commit?container=web&repo=alice/x&tag=1', ['image/docker.io/alice/x:1', 'container/-/web']],
    ['POST /commit?container=web', ['image', 'container/-/web']],
    ['GET /images/get?names=alice/a', ['image/docker.io/alice/a']],
    [
      'GET /images/get?names=alice/a&names=bob/app:2',
      ['image/docker.io/alice/a', 'image/docker.io/bob/app:2'],
    ],
    ['GET /images/get', ['image']],
    ['POST /build?t=alice/x&t=reg.io/y:2', ['build', 'image/docker.io/alice/x:latest', 'image/reg.io/y:2']],
    ['POST /build', ['build']],
    ['POST /containers/web/rename?name=/other', ['container/-/web', 'container/-/other']],
    ['POST /plugins/pull?remote=reg.io/evil&name=vieux/sshfs', ['plugin/vieux/sshfs', 'plugin/reg.io/evil']],
    ['POST /plugins/mine/upgrade?remote=reg.io/evil', ['plugin/mine', 'plugin/reg.io/evil']],
    ['GET /containers/web/json', ['container/-/web']],
  ])('%s names %j, and each of them is judged (C025)', (line, all) => {
    expect(resources(line)).toEqual(all);
  });

  it.each([
    'GET /images/BOB/json',
    'DELETE /images/reg.io/team-a/APP',
    'POST /images/create?fromImage=EVIL/x&tag=1',
    'POST /images/create?fromImage=REG.example.com/x',
    'POST /images/create?fromImage=alpine&tag=a/b',
    `POST /images/create?fromImage=${HEX}`,
    'POST /images/alpine/tag?repo=BOB/app',
    'POST /commit?container=web&repo=BOB',
    'POST /build?t=BOB/app',
    'GET /images/get?names=alpine&names=BOB',
  ])('%s is refused: a name outside the grammar would be a second spelling that no grant covers', (line) => {
    expect(() => resources(line)).toThrow(
      expect.objectContaining({
        status: 400,
        reason: 'image-name',
        message: expect.stringMatching(/^invalid reference format: "/),
      }),
    );
  });

  it.each([
    ['GET /images/search?term=alpine', 'registry/docker.io'],
    ['GET /images/search?term=bob/app', 'registry/docker.io'],
    ['GET /images/search?term=10.0.0.1:5000/x', 'registry/10.0.0.1:5000'],
    ['GET /images/search?term=REG.io/x', 'registry/reg.io'],
    ['GET /images/search?term=alpine', 'registry/docker.io'],
    ['GET /images/search?term=REG.example.com:5000/team/x', 'registry/reg.example.com:5000'],
    ['GET /distribution/alpine/json', 'registry/docker.io'],
    ['GET /distribution/10.0.0.1:5000/x/json', 'registry/10.0.0.1:5000'],
    ['POST /auth', 'registry'],
  ])('%s is %s: the registry that is asked (C027)', (line, name) => {
    expect(resource(line)).toBe(name);
  });

  it('begins with its kind, for every operation of the catalogue', () => {
    for (const operation of OPERATIONS) {
      const path = operation.path.replace(/\{\w+\}/g, 'x');
      const version = operation.versioned ? `/v1.${Math.max(operation.since, 24)}` : '';
      expect(resource(`${operation.method} ${version}${path}`).split('/')[0], operation.id).toBe(
        operation.kind,
      );
    }
  });
});

describe('a registry', () => {
  // The Engine makes an address of it, in which the host is another.
  it.each([
    'GET /images/search?term=169.254.169.254%23.corp.example/z',
    'GET /images/search?term=169.254.169.254%3F.a/z',
    'GET /images/search?term=a:b%40localhost/z',
    'GET /images/search?term=host:/z',
    'GET /distribution/LOCALHOST/x/json',
    'GET /distribution/REGISTRY/secret/app/json',
  ])('%s is none', (line) => {
    expect(() => resource(line)).toThrow(expect.objectContaining({ status: 400, reason: 'image-name' }));
  });
});
