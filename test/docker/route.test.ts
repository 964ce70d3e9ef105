import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { parseTarget } from '../../src/docker/path.ts';
import { checkMethod, route } from '../../src/docker/route.ts';
import type { Refusal } from '../../src/errors.ts';
import { refusalOf } from './refusing.ts';

const routed = (line: string) => {
  const [method = '', target = ''] = line.split(' ');
  const { operation, params } = route(method, parseTarget(target));
  return [operation.id, params];
};

describe('routing', () => {
  const id = (text: string) => ({ id: text });
  const name = (text: string) => ({ name: text });

  it.each<[string, string, Record<string, string>]>([
    ['GET /v1.41/containers/json', 'ContainerList', {}],
    ['GET /containers/json/json', 'ContainerInspect', id('json')],
    ['GET /containers/web/attach/ws', 'ContainerAttachWebsocket', id('web')],
    ['POST /containers/web/attach', 'ContainerAttach', id('web')],
    ['POST /containers/create', 'ContainerCreate', {}],
    ['POST /containers/create/start', 'ContainerStart', id('create')],
    ['HEAD /containers/web/archive', 'ContainerArchiveInfo', id('web')],
    ['PUT /containers/web/archive', 'PutContainerArchive', id('web')],
    ['DELETE /containers/json', 'ContainerDelete', id('json')],
    ['DELETE /containers/web/db', 'ContainerDelete', id('web/db')],
    ['DELETE /containers/web/checkpoints/one', 'ContainerCheckpointDelete', { id: 'web', checkpoint: 'one' }],
    ['DELETE /containers/a/web/checkpoints/one', 'ContainerDelete', id('a/web/checkpoints/one')],
    ['GET /containers/a/web/checkpoints', 'ContainerCheckpointList', id('a/web')],
    ['GET /images/json', 'ImageList', {}],
    ['GET /images/get', 'ImageGetAll', {}],
    ['GET /images/get/get', 'ImageGet', name('get')],
    ['GET /images/search', 'ImageSearch', {}],
    ['GET /images/reg.io:5000/bob/app:1/json', 'ImageInspect', name('reg.io:5000/bob/app:1')],
    ['GET /images/bob%2Fapp/json', 'ImageInspect', name('bob/app')],
    ['GET /images/reg.io%3A5000%2Fbob%2Fapp%3A1/json', 'ImageInspect', name('reg.io:5000/bob/app:1')],
    ['DELETE /images/bob%2Fapp', 'ImageDelete', name('bob/app')],
    ['GET /distribution/reg.io:5000%2Fx/json', 'DistributionInspect', name('reg.io:5000/x')],
    ['POST /plugins/vieux/sshfs:latest/enable', 'PluginEnable', name('vieux/sshfs:latest')],
    ['GET /plugins/privileges', 'GetPluginPrivileges', {}],
    ['GET /plugins/vieux/sshfs', 'PluginInspectLegacy', name('vieux/sshfs')],
    ['GET /networks/create', 'NetworkInspect', id('create')],
    ['GET /volumes/prune', 'VolumeInspect', name('prune')],
    ['GET /swarm', 'SwarmInspect', {}],
    ['GET /services/web/logs', 'ServiceLogs', id('web')],
    ['GET /debug/pprof/heap', 'DebugPprofNamed', name('heap')],
    ['GET /debug/pprof/trace', 'DebugPprofTrace', {}],
    ['HEAD /_ping', 'SystemPingHead', {}],
  ])('takes %s for %s', (line, operation, params) => {
    expect(routed(line)).toEqual([operation, params]);
  });

  it('lets what stands last decide, for a name takes as much as it can (B019)', () => {
    expect(routed('POST /v1.41/containers/alicec/json/exec')).toEqual(['ContainerExec', id('alicec/json')]);
    expect(routed('POST /v1.41/containers/x/start/exec/start')).toEqual([
      'ContainerStart',
      id('x/start/exec'),
    ]);
  });

  it('judges an image by its whole name, slashes and all (B021)', () => {
    expect(routed('GET /v1.41/images/bob/app/json')).toEqual(['ImageInspect', name('bob/app')]);
    expect(routed('GET /v1.41/images/a/json/json')).toEqual(['ImageInspect', name('a/json')]);
  });
});

describe('routing refuses', () => {
  const unknown = {
    status: 404,
    reason: 'unknown-endpoint',
    message: 'page not found: the path is no endpoint of the Engine API',
    field: 'path',
  };

  it.each([
    'GET /metrics',
    'GET /v1.41/metrics',
    'GET /nope',
    'GET /v1.41',
    'GET /CONTAINERS/json',
    'GET /Containers/json',
    'GET /containers',
    'GET /exec/a/b/json',
    'GET /networks/a/b',
    'GET /volumes/a/b',
    'GET /secrets/a/b',
    'GET /configs/a/b',
    'GET /services/a/b',
    'GET /nodes/a/b',
    'GET /tasks/a/b',
    'GET /v1.41/debug/vars',
    'GET /v1.41/debug/pprof/heap',
    'GET /debug',
    'GET /debug/pprof',
    'GET /v1.41/v1.41/info',
  ])('%s as an unknown endpoint (B031)', (line) => {
    expect(refusalOf(() => routed(line))).toEqual(unknown);
  });

  it.each([
    ['GET', '/containers/create'],
    ['PUT', '/containers/web/start'],
    ['HEAD', '/info'],
    ['POST', '/images/json'],
    ['GET', '/build'],
    ['POST', '/debug/vars'],
    ['GET', '/session'],
    ['GET', '/grpc'],
    // DELETE takes any name of a container or image, slashes included
    ['GET', '/containers/web/JSON'],
    ['POST', '/containers/web/copy'],
    ['POST', '/images/x/insert'],
  ])('%s on %s, whose path it knows, as an unknown operation', (method, path) => {
    expect(refusalOf(() => routed(`${method} ${path}`))).toEqual({
      status: 403,
      reason: 'unknown-operation',
      message: `${method} is not an operation on this path, so it is not forwarded`,
      field: 'method',
    });
  });

  it.each(['OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'get', 'Get', ''])(
    'the method "%s", which the Engine API does not have (B027)',
    (method) => {
      expect(refusalOf(() => checkMethod(method))).toEqual({
        status: 403,
        reason: 'unknown-operation',
        message: 'the Engine API has no operation of this method, so it is not forwarded',
        field: 'method',
      });
    },
  );

  it.each([
    'GET /v1.41/containers%2Fbobc%2Fjson',
    'GET /containers/web%2Fdb/json',
    'DELETE /containers/web%2Fdb',
    'GET /images%2Fjson',
    'GET /images%2Fapp/json',
    'GET /images/app%2Fjson',
    'GET /images/a%2Fb%2Fjson',
    'GET /distribution%2Fapp/json',
    'POST /plugins/vieux%2Fsshfs%2Fenable',
    'GET /system%2Fdf',
  ])('%s for an encoded slash where none belongs (B001)', (line) => {
    expect(refusalOf(() => routed(line))).toEqual({
      status: 400,
      reason: 'path-encoding',
      message: 'a slash may be percent-encoded (%2F) only inside the name of an image',
      field: 'path',
    });
  });
});

describe('routing, beside one regular expression a row of the catalogue', () => {
  const SLASHES = /^\/(containers|images|plugins|distribution)\//;
  const rows = OPERATIONS.map((operation) => {
    const { path } = operation;
    const name = SLASHES.test(path) && !path.includes('{checkpoint}') ? '(.+)' : '([^/]+)';
    return { operation, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, name)}$`) };
  });

  /** The first row that fits, as the Engine's router takes it. */
  const plainly = (method: string, path: string, isVersioned: boolean) => {
    const fitting = rows.filter(
      ({ operation, pattern }) => pattern.test(path) && (operation.versioned || !isVersioned),
    );
    const row = fitting.find(({ operation }) => operation.method === method);
    if (row === undefined) return fitting.length === 0 ? 'unknown-endpoint' : 'unknown-operation';
    return [row.operation.id, ...(row.pattern.exec(path) ?? []).slice(1)];
  };

  const words = [...new Set(OPERATIONS.flatMap(({ path }) => path.split('/').slice(1)))];
  const word = fc.oneof(
    fc.constantFrom(...words.filter((each) => !each.startsWith('{'))),
    fc.constant('web'),
  );
  const near = fc
    .tuple(fc.constantFrom(...OPERATIONS), word, fc.array(word, { maxLength: 1 }))
    .map(([{ path }, name, more]) => [path.replace(/\{\w+\}/g, name), ...more].join('/'));
  const any = fc.array(word, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('/')}`);

  it('finds the same operation and the same names', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE'),
        fc.oneof(near, any),
        fc.boolean(),
        (method, path, isVersioned) => {
          const target = parseTarget(`${isVersioned ? '/v1.41' : ''}${path}`);
          let found: unknown;
          try {
            const { operation, params } = route(method, target);
            found = [operation.id, ...Object.values(params)];
          } catch (error) {
            found = (error as Refusal).reason;
          }
          expect(found).toEqual(plainly(method, path, isVersioned));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
