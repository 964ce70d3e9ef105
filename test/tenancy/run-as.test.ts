import { describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';
import { type Inspect, withRunAs } from '../../src/tenancy/run-as.ts';

const CREATE = '/v1.41/containers/create';
const EXEC = '/v1.41/containers/web/exec';

/** What comes out, and what the Engine was asked about. */
async function run(target: string, body: object, found: Awaited<ReturnType<Inspect>>) {
  const api = parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 });
  const asked: string[] = [];
  const content = readContent(api, Buffer.from(JSON.stringify(body)));
  const made = await withRunAs(api, content, async (path) => {
    asked.push(path);
    return found;
  });
  return { user: (made.content.value as { readonly User?: string }).User, change: made.change, asked };
}

describe('as whom a process runs', () => {
  it('is left as the request says it, and nobody is asked', async () => {
    expect(await run(CREATE, { Image: 'x', User: 'bob' }, {})).toEqual({
      user: 'bob',
      change: undefined,
      asked: [],
    });
  });

  it.each([undefined, ''])('is written out of the image where the request says %j', async (User) => {
    expect(await run(CREATE, { Image: 'reg.example.com/x:1', User }, { Config: { User: '1000:5' } })).toEqual(
      {
        user: '1000:5',
        change: 'the user of the image, "1000:5", was written into the request',
        asked: ['/images/reg.example.com/x:1/json'],
      },
    );
  });

  it('is root where the image says nothing', async () => {
    for (const found of [{ Config: { User: '' } }, { Config: {} }, {}]) {
      expect((await run(CREATE, { Image: 'x' }, found)).user).toBe('0');
    }
  });

  it('is that of the container for an exec', async () => {
    expect(await run(EXEC, { Cmd: ['id'] }, { Config: { User: 'app' } })).toMatchObject({
      user: 'app',
      change: 'the user of the container, "app", was written into the request',
    });
  });

  it.each(['', '../containers/x', 'UPPER', 'a b'])(
    'is not asked for of %j, which names no image',
    async (Image) => {
      expect(await run(CREATE, { Image }, { Config: { User: '1' } })).toEqual({
        user: undefined,
        change: undefined,
        asked: [],
      });
    },
  );

  it('is a 404 where there is no such image, so that docker run pulls it', async () => {
    const refusal = await run(CREATE, { Image: 'alpine:3' }, undefined).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      status: 404,
      reason: 'image-absent',
      message: 'No such image: alpine:3',
    });
  });

  it('is a 404 where there is no such container', async () => {
    const refusal = await run(EXEC, { Cmd: ['id'] }, undefined).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      status: 404,
      reason: 'container-absent',
      message: 'No such container: web',
    });
  });
});
