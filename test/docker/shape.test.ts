import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { bodyKind, checkShape, type Shape } from '../../src/docker/shape.ts';
import type { Query } from '../../src/docker/types.ts';
import { Refusal } from '../../src/errors.ts';

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
