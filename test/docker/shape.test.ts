import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { bodyKind, checkShape, type Shape } from '../../src/docker/shape.ts';
import type { Query } from '../../src/docker/types.ts';
import { Refusal } from '../../src/errors.ts';
import { refusalOf } from './refusing.ts';

const LIMIT = 1_000;
const BARE: Shape = {
  contentType: undefined,
  contentLength: undefined,
  chunked: false,
  upgrade: undefined,
  origin: undefined,
};

function api(id: string, query: Query = {}) {
  const operation = OPERATIONS.find((each) => each.id === id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  return { operation, query };
}

/** `reason status` of the refusal, or `ok`. */
function verdict(shape: Partial<Shape>, ...request: Parameters<typeof api>): string {
  try {
    checkShape({ ...BARE, ...shape }, api(...request), LIMIT);
    return 'ok';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.reason} ${error.status}`;
  }
}

describe('the body of ImageCreate', () => {
  it('is nothing when the query names an image to pull, so that what dockerode sends along goes no further', () => {
    const pull = { fromImage: 'busybox', tag: 'latest' };
    expect(bodyKind(api('ImageCreate', pull))).toBe('none');
    expect(verdict({ contentType: 'application/json', contentLength: 40 }, 'ImageCreate', pull)).toBe('ok');
    expect(verdict({ contentType: 'application/x-tar', contentLength: LIMIT + 1 }, 'ImageCreate', pull)).toBe(
      'body-too-large 413',
    );
  });

  it('is an archive when the query imports one', () => {
    const imports = { fromSrc: '-', repo: 'x' };
    expect(bodyKind(api('ImageCreate', imports))).toBe('tar-optional');
    expect(
      verdict({ contentType: 'application/x-tar', contentLength: LIMIT + 1 }, 'ImageCreate', imports),
    ).toBe('ok');
    expect(verdict({ contentType: 'application/json', contentLength: 40 }, 'ImageCreate', imports)).toBe(
      'content-type-unsupported 415',
    );
  });
});

describe('a chunked request that becomes a stream', () => {
  it('is refused where the operation has a body to judge', () => {
    const shape = { chunked: true, contentType: 'application/json', upgrade: 'tcp' };
    expect(verdict(shape, 'ExecStart')).toBe('upgrade-chunked 411');
  });

  it('passes where it has none; the entrance then takes no chunk but the last', () => {
    expect(verdict({ chunked: true, upgrade: 'h2c' }, 'Session')).toBe('ok');
    expect(verdict({ chunked: true, upgrade: 'tcp' }, 'ContainerAttach')).toBe('ok');
  });
});

describe('an operation that takes JSON', () => {
  const json = { contentType: 'application/json' };
  it.each<[string, Partial<Shape>, string]>([
    ['ContainerCreate', { ...json, contentLength: 2 }, 'ok'],
    ['ContainerCreate', { ...json, contentLength: LIMIT }, 'ok'],
    ['ContainerCreate', { ...json, chunked: true }, 'ok'],
    ['ContainerCreate', { ...json, contentLength: LIMIT + 1 }, 'body-too-large 413'],
    ['ContainerCreate', {}, 'body-missing 400'],
    ['ContainerCreate', { ...json, contentLength: 0 }, 'body-missing 400'],
    ['ContainerCreate', { contentLength: 2 }, 'content-type-unsupported 415'],
    ['ContainerCreate', { contentType: 'text/json', contentLength: 2 }, 'content-type-unsupported 415'],
    ['ContainerCreate', { contentType: 'text/json', chunked: true }, 'content-type-unsupported 415'],
    ['ImageCommit', {}, 'ok'],
    ['ImageCommit', { contentType: 'text/plain' }, 'ok'],
    ['ImageCommit', { contentType: 'text/plain', contentLength: 2 }, 'content-type-unsupported 415'],
    ['ImageCommit', { ...json, contentLength: LIMIT + 1 }, 'body-too-large 413'],
  ])('%s with %j: %s', (id, shape, expected) => {
    expect(verdict(shape, id)).toBe(expected);
  });

  it('says what it takes', () => {
    const refusal = (shape: Partial<Shape>) =>
      refusalOf(() => checkShape({ ...BARE, ...shape }, api('ContainerCreate'), LIMIT));
    expect(refusal({})).toEqual({
      status: 400,
      reason: 'body-missing',
      message: 'ContainerCreate needs a body of type application/json',
      field: undefined,
    });
    expect(refusal({ chunked: true })).toEqual({
      status: 415,
      reason: 'content-type-unsupported',
      message: 'ContainerCreate takes a body of type application/json',
      field: 'content-type',
    });
    expect(refusal({ ...json, contentLength: LIMIT + 1 })).toEqual({
      status: 413,
      reason: 'body-too-large',
      message: 'the body is larger than the 1000 bytes this gateway judges',
      field: 'content-length',
    });
  });
});

describe('an operation that takes an archive', () => {
  it.each<[string, Partial<Shape>, string]>([
    ['PutContainerArchive', { contentType: 'application/x-tar', contentLength: LIMIT + 1 }, 'ok'],
    ['PutContainerArchive', { contentType: 'application/tar', chunked: true }, 'ok'],
    ['PutContainerArchive', { chunked: true }, 'ok'],
    ['PutContainerArchive', {}, 'ok'],
    ['PutContainerArchive', { contentType: 'application/json' }, 'ok'],
    [
      'PutContainerArchive',
      { contentType: 'application/json', chunked: true },
      'content-type-unsupported 415',
    ],
    ['ImageBuild', { contentType: 'text/html', contentLength: 1 }, 'content-type-unsupported 415'],
    ...['octet-stream', 'gzip', 'x-gzip'].map((type): [string, Partial<Shape>, string] => [
      'ImageLoad',
      { contentType: `application/${type}`, chunked: true },
      'ok',
    ]),
    ['ImageLoad', { contentType: 'text/plain', chunked: true }, 'ok'],
  ])('%s with %j: %s', (id, shape, expected) => {
    expect(verdict(shape, id)).toBe(expected);
  });

  it('says what it takes', () => {
    const shape = { ...BARE, contentType: 'text/html', chunked: true };
    expect(refusalOf(() => checkShape(shape, api('ImageLoad'), LIMIT))).toEqual({
      status: 415,
      reason: 'content-type-unsupported',
      message: 'ImageLoad takes an archive of type application/x-tar',
      field: 'content-type',
    });
  });
});

describe('an operation without a body', () => {
  it.each<[Partial<Shape>, string]>([
    [{ contentType: 'text/plain', contentLength: 2 }, 'ok'],
    [{ chunked: true }, 'ok'],
    [{ contentLength: LIMIT + 1 }, 'body-too-large 413'],
    [{ upgrade: 'x', origin: 'http://x' }, 'ok'],
  ])('takes a stray one up to the limit: %j: %s', (shape, expected) => {
    expect(verdict(shape, 'ContainerList')).toBe(expected);
    expect(verdict(shape, 'ContainerLogs')).toBe(expected);
  });
});

describe('an operation that becomes a stream', () => {
  const json = { contentType: 'application/json', contentLength: 2 };
  it.each<[string, Partial<Shape>, string]>([
    ['ContainerAttach', {}, 'ok'],
    ['ContainerAttach', { upgrade: 'tcp', origin: 'http://x' }, 'ok'],
    ['ContainerAttach', { upgrade: 'h2c' }, 'upgrade-protocol 400'],
    ['ExecStart', json, 'ok'],
    ['ExecStart', { ...json, upgrade: 'websocket' }, 'upgrade-protocol 400'],
    ['ExecStart', { ...json, contentLength: 0, chunked: true }, 'upgrade-chunked 411'],
    ['ContainerAttachWebsocket', { upgrade: 'websocket' }, 'ok'],
    ['ContainerAttachWebsocket', { upgrade: 'tcp' }, 'upgrade-protocol 400'],
    ['ContainerAttachWebsocket', {}, 'upgrade-required 400'],
    ['ContainerAttachWebsocket', { upgrade: 'websocket', origin: 'http://x' }, 'origin-forbidden 403'],
    ['ContainerAttachWebsocket', { upgrade: 'websocket', origin: '' }, 'origin-forbidden 403'],
    ['Session', { upgrade: 'h2c' }, 'ok'],
    ['Session', {}, 'upgrade-required 400'],
    ['Session', { upgrade: 'tcp' }, 'upgrade-protocol 400'],
  ])('%s with %j: %s', (id, shape, expected) => {
    expect(verdict(shape, id)).toBe(expected);
  });

  it('says what it needs', () => {
    const refusal = (id: string, shape: Partial<Shape>) =>
      refusalOf(() => checkShape({ ...BARE, ...shape }, api(id), LIMIT));
    expect(refusal('Session', {})).toMatchObject({
      message: 'Session needs an upgrade of the connection to h2c',
      field: 'upgrade',
    });
    expect(refusal('ContainerAttach', { upgrade: 'h2c' })).toMatchObject({
      message: 'ContainerAttach upgrades to tcp only',
      field: 'upgrade',
    });
    expect(refusal('ContainerAttachWebsocket', { upgrade: 'websocket', origin: '' })).toMatchObject({
      message: 'pages in a browser may not attach to containers',
      field: 'origin',
    });
    expect(refusal('ExecStart', { ...json, chunked: true })).toMatchObject({
      message: 'a request that becomes a stream needs a Content-Length, not chunks',
      field: 'transfer-encoding',
    });
  });
});

describe('a body that fromImage does not go with', () => {
  it('is none of an image that is pulled, whatever other operations are asked with', () => {
    expect(bodyKind(api('ImageBuild', { fromImage: 'x' }))).toBe('tar-optional');
  });
});
