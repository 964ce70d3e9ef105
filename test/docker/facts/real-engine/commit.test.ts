import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Refusal } from '../../../../src/errors.ts';
import { askCommit } from '../ask.ts';
import { type EngineClient, engineClient } from './engine-client.ts';

interface ImageConfig {
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly User: string;
  readonly Env: readonly string[] | null;
  readonly Cmd: readonly string[] | null;
  readonly Entrypoint: readonly string[] | null;
  readonly Volumes: object | null;
}

let engine: EngineClient;
let container: string;
beforeAll(async () => {
  engine = engineClient(inject('engine').socket);
  const made = await engine.call('POST', '/v1.41/containers/create', { Image: 'busybox', Cmd: ['made'] });
  container = (made.body as { Id: string }).Id;
});
afterAll(async () => {
  await engine.call('DELETE', `/v1.41/containers/${container}`);
  engine.close();
});

/** The configuration of the image that a commit makes; the Engine's message when it refuses. */
async function committed(changes: readonly string[]): Promise<ImageConfig | string> {
  const query = changes.map((change) => `changes=${encodeURIComponent(change)}`).join('&');
  const made = await engine.call('POST', `/v1.41/commit?container=${container}&${query}`, {});
  if (made.status !== 201) return (made.body as { message: string }).message;
  const { Id: id } = made.body as { Id: string };
  const { body } = await engine.call('GET', `/v1.41/images/${id}/json`);
  await engine.call('DELETE', `/v1.41/images/${id}`);
  return (body as { Config: ImageConfig }).Config;
}

describe('labels that changes set', () => {
  it.each([
    'LABEL a=b',
    'label a=b',
    '  LABEL\ta=b  ',
    'LABEL a=b c=d',
    'LABEL "a"=b',
    "LABEL 'a'=b",
    'LABEL "a b"="c d"',
    'LABEL a="c d" e=f',
    'LABEL a=x"y z"w',
    'LABEL a b c',
    'LABEL "a" b  c',
    'LABEL a\\b=c',
    'LABEL a=b\\ c',
    'LABEL a="b\\"c"',
    'LABEL a="b\\c"',
    "LABEL a='$HOME'",
    "LABEL a='b\\'",
    'LABEL a=b=c',
    'LABEL a=',
    'LABEL a=b #c=d',
    'LABEL a=b\nLABEL c=d',
    'LABEL a=b\r\nLABEL c=d',
    'LABEL io.quaywarden.tenant=b',
    '# LABEL a=b\nUSER x',
    '#LABEL a=b\nLABEL c=d',
    'LABEL a=b\n\n# x\nLABEL a=c',
    'LABEL a=b\u00a0c=d',
    'LABEL a=b\u3000c=d',
    'LABEL é=ü',
    'LABEL a=\\\\b',
    'LABEL a="b"c\'d\'e',
    'LABEL a="" b=\'\'',
    'LABEL a=\\"b',
  ])('%j are those of the image', async (change) => {
    const got = await committed([change]);
    if (typeof got === 'string') throw new Error(got);
    expect(askCommit({ changes: [change] }).labels).toEqual(got.Labels ?? {});
  });

  it.each(['LABEL a=b', 'ENV A=b'])(
    '%s after another change in its own parameter counts too',
    async (change) => {
      const got = await committed(['USER x', change]);
      if (typeof got === 'string') throw new Error(got);
      const { labels, user } = askCommit({ changes: ['USER x', change] });
      expect([labels, user?.value]).toEqual([got.Labels ?? {}, got.User]);
    },
  );
});

describe('other changes', () => {
  it.each([
    'ENV A=b',
    'ENV A=b C=d',
    'ENV A b c',
    'ENV A="b c" C=d',
    'ENV A=b\\ c C=d',
    'ENV A=$PATH:/x C=d',
    'ENV "A"=b',
  ])('%j: variables by name', async (change) => {
    const got = await committed([change]);
    if (typeof got === 'string') throw new Error(got);
    const names = (got.Env ?? []).map((pair) => pair.split('=')[0]).filter((name) => name !== 'PATH');
    expect([...askCommit({ changes: [change] }).environment]).toEqual(names);
  });

  it.each(['USER x', 'USER 0', 'USER "x"', 'USER x:y', "USER 'x y'"])('%j: the user', async (change) => {
    const got = await committed([change]);
    if (typeof got === 'string') throw new Error(got);
    expect(askCommit({ changes: [change] }).user?.value).toBe(got.User);
  });

  it.each([
    ['CMD ["a","b"]', 'Cmd'],
    ['CMD a b', 'Cmd'],
    ['CMD "a"', 'Cmd'],
    ['cmd [a', 'Cmd'],
    ['ENTRYPOINT ["x"]', 'Entrypoint'],
    ['ENTRYPOINT x $Y', 'Entrypoint'],
  ] as const)('%j: the command', async (change, field) => {
    const got = await committed([change]);
    if (typeof got === 'string') throw new Error(got);
    expect([...askCommit({ changes: [change] }).command]).toEqual(got[field] ?? []);
  });

  it.each(['VOLUME /a', 'VOLUME /a /b', 'VOLUME ["/a", "/b c"]'])('%j: the volumes', async (change) => {
    const got = await committed([change]);
    if (typeof got === 'string') throw new Error(got);
    expect(askCommit({ changes: [change] }).volumes).toHaveLength(Object.keys(got.Volumes ?? {}).length);
  });

  it.each([
    'LABEL a=b \\\nio.quaywarden.tenant=x',
    '# escape=`\nLABEL a=b `\nc=d',
    '#escape = `',
    'LABEL a=$HOME',
    'LABEL $PATH=b',
    'LABEL a="$PATH"',
    'USER $PATH',
    'LABEL a=b\rLABEL c=d',
    '\ufeffLABEL a=b',
    'LABEL "a=b',
  ])('%j is refused: what it means depends on more than itself', (change) => {
    expect(() => askCommit({ changes: [change] })).toThrow(Refusal);
  });
});
