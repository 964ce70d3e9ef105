// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of Dockerfiles.
import { describe, expect, it } from 'vitest';
import type { Dockerfile } from '../../src/docker/archive/build.ts';
import { buildScan } from '../../src/docker/archive/build.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';
import { notPinnable, pinBases } from '../../src/tenancy/base-images.ts';
import type { AskEngine } from '../../src/upstream/ask.ts';
import type { Pulled, PullImage } from '../../src/upstream/pull.ts';
import { archive, file, scanned } from '../docker/archive/fixtures.ts';

const ID = `sha256:${'1'.repeat(64)}`;
const SHOWN = { Id: ID, Os: 'linux', Architecture: 'amd64', Config: { OnBuild: null } };

interface Told {
  /** What was asked, with the credentials that came along. */
  readonly asked: readonly string[];
  /** What was recorded, and when. */
  readonly recorded: readonly string[];
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly changes: readonly string[];
  readonly refusal: readonly unknown[] | undefined;
}

interface Case {
  readonly text: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers to inspections, the last for all that follow; undefined: it is not there. */
  readonly shown?: readonly unknown[];
  readonly pulled?: Pulled | Error;
  /** Nothing can be recorded. */
  readonly isMute?: boolean;
  /** Who builds may give names to images of their own. */
  readonly mayName?: (reference: string) => boolean;
  /** Of the quota for images nothing is left. */
  readonly isFull?: boolean;
  /** Who builds has left. */
  readonly hasLeft?: boolean;
}

function dockerfileOf(text: string): Dockerfile {
  const { dockerfile } = scanned(buildScan({ query: {} }), archive(file('Dockerfile', text)));
  if (dockerfile === undefined) throw new Error('it has no Dockerfile of one reading');
  return dockerfile;
}

async function pinned(of: Case): Promise<Told> {
  const { text, target = '/v1.41/build', headers = {}, shown = [SHOWN], isMute = false } = of;
  const asked: string[] = [];
  const recorded: string[] = [];
  let inspections = 0;
  const ask: AskEngine = async (method, path) => {
    asked.push(`${method} ${path}`);
    const answer = shown[Math.min(inspections, shown.length - 1)];
    inspections += 1;
    return answer === undefined ? { status: 404, text: '{}' } : { status: 200, text: JSON.stringify(answer) };
  };
  const pull: PullImage = async (path, sent) => {
    asked.push([`POST ${path}`, ...Object.entries(sent).flat()].join(' '));
    if (of.pulled instanceof Error) throw of.pulled;
    return of.pulled ?? { status: 200, error: undefined };
  };
  const acts = async (what: { operation: string; resource: string; reason: string }) => {
    if (isMute) throw new Refusal(503, 'audit-unavailable', 'no record');
    recorded.push(`${what.operation} ${what.resource} ${what.reason} after ${asked.length}`);
    return (status: number) => void recorded.push(`${status} after ${asked.length}`);
  };
  const api = parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 });
  const signal = of.hasLeft === true ? AbortSignal.abort() : new AbortController().signal;
  const room = async () => {
    if (of.isFull === true) throw new Refusal(403, 'quota', 'used up');
    recorded.push('room');
    return async () => void recorded.push('room back');
  };
  const means = {
    ask,
    pull,
    acts,
    headers,
    mayName: (name: string) => of.mayName?.(name) ?? true,
    room,
    signal,
  };
  try {
    const made = await pinBases(api, dockerfileOf(text), means);
    return {
      ...{ asked, recorded, refusal: undefined, changes: made.changes },
      ...{ dockerfile: made.dockerfile.toString(), target: made.api.target },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refusal = [error.status, error.reason, error.message];
    return { asked, recorded, refusal, dockerfile: undefined, target: undefined, changes: [] };
  }
}

/** As a client sends `X-Registry-Config`, once it was read and written anew. */
function config(of: object): Readonly<Record<string, string>> {
  return { 'x-registry-config': Buffer.from(JSON.stringify(of)).toString('base64url') };
}

const authOf = (asked: string | undefined): unknown =>
  JSON.parse(Buffer.from(asked?.split(' X-Registry-Auth ')[1] ?? 'bnVsbA', 'base64url').toString());

describe('images that a build starts from', () => {
  it('are looked at once each, and stand by their ids', async () => {
    const text = 'FROM alpine\nFROM alpine\nFROM reg.example.com/a/b:2\nCOPY --from=other:1 / /';
    expect(await pinned({ text })).toEqual({
      asked: ['GET /images/docker.io/library/alpine:latest/json', 'GET /images/reg.example.com/a/b:2/json'],
      recorded: [],
      dockerfile: `FROM ${ID}\nFROM ${ID}\nFROM ${ID}\nCOPY --from=other:1 / /`,
      target: '/v1.41/build',
      changes: [`its "alpine" is ${ID}`, `its "reg.example.com/a/b:2" is ${ID}`],
      refusal: undefined,
    });
  });

  it('are pulled where they are not there, recorded before', async () => {
    expect(await pinned({ text: 'FROM alpine:3', shown: [undefined, SHOWN] })).toMatchObject({
      asked: [
        'GET /images/docker.io/library/alpine:3/json',
        'POST /images/create?fromImage=docker.io%2Flibrary%2Falpine&tag=3',
        'GET /images/docker.io/library/alpine:3/json',
      ],
      recorded: [
        'room',
        'ImageCreate image/docker.io/library/alpine:3 base-image after 1',
        '200 after 2',
        'room back',
      ],
      dockerfile: `FROM ${ID}`,
    });
  });

  it('are not pulled when that can not be recorded', async () => {
    const { asked, refusal } = await pinned({ text: 'FROM alpine', shown: [undefined], isMute: true });
    expect(refusal?.[1]).toBe('audit-unavailable');
    expect(asked).toHaveLength(1);
  });

  it('are pulled anew where that is asked for, and the Engine is not asked to do it again', async () => {
    const { asked, target } = await pinned({ text: 'FROM alpine', target: '/v1.41/build?pull=1&t=a' });
    expect(asked[0]).toBe('POST /images/create?fromImage=docker.io%2Flibrary%2Falpine&tag=latest');
    expect(target).toBe('/v1.41/build?t=a');
  });

  it('are pulled by their digest and for the platform that is named', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const given = { text: `FROM a/b:1@${digest}`, shown: [undefined, SHOWN] };
    const { asked } = await pinned({ ...given, target: '/v1.41/build?platform=linux%2Farm64' });
    expect(asked[1]).toBe(
      `POST /images/create?fromImage=docker.io%2Fa%2Fb&tag=${encodeURIComponent(digest)}&platform=linux%2Farm64`,
    );
  });

  it('are pulled with the credentials for their registry alone', async () => {
    const headers = config({
      'https://index.docker.io/v1/': { username: 'hub' },
      'https://old.example.com/v2/': { username: 'old' },
      'reg.example.com': { username: 'reg' },
    });
    const shown = [undefined, SHOWN];
    const of = async (text: string) => authOf((await pinned({ text, headers, shown })).asked[1]);
    expect(await of('FROM alpine')).toEqual({ username: 'hub' });
    expect(await of('FROM reg.example.com/a')).toEqual({ username: 'reg' });
    expect(await of('FROM old.example.com/a')).toEqual({ username: 'old' });
    expect(await of('FROM other.example.com/a')).toBeNull();
    expect(authOf((await pinned({ text: 'FROM alpine', shown })).asked[1])).toBeNull();
  });

  it.each([
    [{ status: 404, error: 'pull access denied' }, 'pull access denied', '404'],
    [{ status: 200, error: 'no space' }, 'no space', '400'],
    [{ status: 200, error: undefined }, 'it is gone again', '200'],
  ])('that can not be pulled are told of: %o', async (pulled, why, status) => {
    const { refusal, recorded } = await pinned({ text: 'FROM alpine', shown: [undefined], pulled });
    expect(refusal).toEqual([
      404,
      'base-image-absent',
      `the image "docker.io/library/alpine:latest" is not here and could not be pulled: ${why}`,
    ]);
    expect(recorded.slice(-2)).toEqual([`${status} after 2`, 'room back']);
  });

  it('whose pull breaks off have its end recorded', async () => {
    const pulled = new Refusal(502, 'engine-down', 'gone');
    const { refusal, recorded } = await pinned({ text: 'FROM alpine', shown: [undefined], pulled });
    expect(refusal?.[1]).toBe('engine-down');
    expect(recorded.slice(-2)).toEqual(['502 after 2', 'room back']);
  });

  it('are not looked at for who has left', async () => {
    const { refusal, asked } = await pinned({ text: 'FROM alpine', hasLeft: true });
    expect(refusal?.[1]).toBe('client-gone');
    expect(asked).toEqual([]);
  });

  it('are at most 128', async () => {
    const of = (count: number) =>
      pinned({ text: Array.from({ length: count }, (_, index) => `FROM img${index}`).join('\n') });
    expect((await of(128)).asked).toHaveLength(128);
    const { refusal, asked } = await of(129);
    expect(refusal?.slice(0, 2)).toEqual([400, 'base-images-too-many']);
    expect(asked).toEqual([]);
  });

  it.each([
    'COPY --from=x / /',
    'RUN --mount=from=x true',
    'ADD --fr"o"m=x / /',
    'ONBUILD COPY --from=x / /',
    'onbuild LABEL x=y',
    'RUN cat << EOF',
    'LABEL x\nCOPY --from=x / /',
  ])('that have builds take from other images are refused: %s', async (trigger) => {
    const shown = [SHOWN, { Id: ID, Config: { OnBuild: ['RUN true', trigger] } }];
    const { refusal } = await pinned({ text: 'FROM img\nFROM other\n', shown });
    expect(refusal?.slice(0, 2)).toEqual([403, 'base-image-triggers']);
  });

  it.each(['COPY . /', 'RUN make --from=x', 'LABEL from=x', 'ADD --chown=1 a /'])(
    'may have builds do what is of their own: %s',
    async (trigger) => {
      const shown = [{ Id: ID, Config: { OnBuild: [trigger] } }];
      expect(await pinned({ text: 'FROM img', shown })).toMatchObject({ dockerfile: `FROM ${ID}` });
    },
  );

  const manifest = { Descriptor: { mediaType: 'application/vnd.oci.image.manifest.v1+json' } };
  it.each([
    [{ Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json' } }, true],
    [{ Descriptor: { mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' } }, true],
    [{ Descriptor: { mediaType: 'application/vnd.other+json' } }, true],
    [manifest, false],
    [{ Descriptor: { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' } }, false],
    [{ ...manifest, Os: '' }, true],
    [{ ...manifest, Architecture: undefined }, true],
    // Before API 1.48.
    [{ RepoDigests: [`docker.io/library/img@${ID}`] }, true],
    [{ RepoDigests: [`docker.io/library/img@sha256:${'2'.repeat(64)}`] }, false],
  ])('that are several are refused to who may have made them: %o', async (more, refused) => {
    const shown = [{ ...SHOWN, ...more }];
    const reason = (await pinned({ text: 'FROM img', shown })).refusal?.[1];
    expect(reason).toBe(refused ? 'base-image-index' : undefined);
    expect((await pinned({ text: 'FROM img', shown, mayName: () => false })).refusal).toBeUndefined();
    const mayName = (name: string) => /^docker.io\/team-a\/[a-z]+:/.test(name);
    const named = async (names: object) =>
      (await pinned({ text: 'FROM img', shown: [{ ...shown[0], ...names }], mayName })).refusal?.[1];
    const expected = refused ? 'base-image-index' : undefined;
    expect(await named({ RepoTags: ['team-a/img:2', 'team-a/other:1'] })).toBe(expected);
    // What has a name that only others can give is theirs, whatever else it is called.
    expect(await named({ RepoTags: ['busybox:1', 'team-a/img:2'] })).toBeUndefined();
    expect(await named({ RepoTags: [], RepoDigests: [`busybox@${ID}`] })).toBeUndefined();
  });

  it.each([{ Config: null }, { Config: undefined }, { Config: 'x' }])(
    'whose configuration is not shown are refused to everybody: %o',
    async (more) => {
      const shown = [{ ...SHOWN, ...manifest, ...more }];
      const made = await pinned({ text: 'FROM img', shown, mayName: () => false });
      expect(made.refusal?.[1]).toBe('engine-can-not-tell');
    },
  );

  it('are not pulled when the quota for images is used up', async () => {
    const { refusal, asked, recorded } = await pinned({ text: 'FROM img', shown: [undefined], isFull: true });
    expect(refusal?.[1]).toBe('quota');
    expect([asked.length, recorded]).toEqual([1, []]);
  });

  it('for a platform are pulled for it, and are one for each', async () => {
    const arm = { ...SHOWN, Id: `sha256:${'2'.repeat(64)}`, Architecture: 'arm64' };
    const text = 'FROM --platform=linux/arm64 img\nFROM img\nFROM --platform=linux/arm64 img AS x';
    const made = await pinned({ text, shown: [SHOWN, arm, SHOWN] });
    expect(made.asked[1]).toBe(
      'POST /images/create?fromImage=docker.io%2Flibrary%2Fimg&tag=latest&platform=linux%2Farm64',
    );
    expect(made.asked).toHaveLength(4);
    expect(made.dockerfile).toBe(
      `FROM --platform=linux/arm64 ${arm.Id}\nFROM ${ID}\nFROM --platform=linux/arm64 ${arm.Id} AS x`,
    );
    const none = await pinned({ text: 'FROM --platform=linux/s390x img' });
    expect(none.refusal?.[2]).toContain('could not be pulled: what came is not for linux/s390x');
  });

  it.each(['linux/amd64', 'amd64', 'linux', 'Linux/x86_64', 'linux/amd64/v2'])(
    'for %s are there already',
    async (platform) => {
      const target = `/v1.41/build?platform=${encodeURIComponent(platform)}`;
      expect((await pinned({ text: 'FROM img', target })).asked).toHaveLength(1);
      expect((await pinned({ text: `ARG P=${platform}\nFROM --platform=$P img` })).asked).toHaveLength(1);
    },
  );

  it.each(['$TARGETPLATFORM.${x#y}', '$NOPE', 'linux/amd64 --platform=linux/arm64'])(
    'for a platform that can not be told are refused: %s',
    async (platform) => {
      const { refusal } = await pinned({ text: `FROM --platform=${platform} img` });
      expect(refusal?.[1]).toBe('archive-untold');
    },
  );

  it.each([{}, { Id: 'sha256:1' }, { Id: 1 }, []])(
    'of which the Engine tells no id are refused: %o',
    async (shown) => {
      expect((await pinned({ text: 'FROM img', shown: [shown] })).refusal?.[1]).toBe('engine-can-not-tell');
    },
  );

  it('that are more than a record holds are counted', async () => {
    const text = Array.from({ length: 40 }, (_, index) => `FROM img${index}`).join('\n');
    const { changes } = await pinned({ text });
    expect(changes).toHaveLength(33);
    expect(changes.at(-1)).toBe('and 8 more images by their ids');
  });
});

it('says what to do about lines that builders join differently', () => {
  expect(notPinnable()).toMatchObject({ status: 403, reason: 'archive-untold', field: 'Dockerfile' });
});
