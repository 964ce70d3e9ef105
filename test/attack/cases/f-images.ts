import { tar } from '../../clients/tar.ts';
import { IDS } from '../../support/fake-inventory.ts';
import { http } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import { get, gone, goneWords, labels, NOT_HERS, post } from '../corpus/tenants.ts';
import { attack, create, each, forbidden, forwarded, refused, streamed } from '../corpus/write.ts';

/** Section F: images, which nobody owns: their names say who may do what. */

const encoded = (text: string): string => encodeURIComponent(text);
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Ways of naming images that are not hers, and one that nobody has; the Engine's words name a tag. */
const NOT_HERS_BY_NAME = [
  'team-b/app',
  'team-b/app:latest',
  'bob/app',
  'docker.io/team-b/app',
  'reg.io:5000/bob/app:1',
  'reg.io/team-b/app',
  'nobody/app',
] as const;
const NOT_HERS_BY_ID = [
  IDS.bobapp,
  IDS.bobapp.slice('sha256:'.length),
  IDS.bobapp.slice('sha256:'.length, 'sha256:'.length + 12),
  IDS.trojan,
  'f'.repeat(64),
] as const;
const NOT_HER_IMAGES = [...NOT_HERS_BY_NAME, `team-b/app@${digest}`, ...NOT_HERS_BY_ID] as const;

const wordsOf = (reference: string): string => {
  const tagged = /:[^/]*$|@/.test(reference) || /^[0-9a-f]{64}$/.test(reference);
  return goneWords('image', tagged ? reference : `${reference}:latest`);
};
const byImage = (references: readonly string[], make: (reference: string) => string | Buffer) =>
  references.map((name) => ({ name, bytes: make(name), message: wordsOf(name) }));
const path = (reference: string): string => reference.replaceAll('/', '%2F');
const denied = (operation: string, resource?: string) =>
  refused(403, 'not-granted', { operation, ...(resource === undefined ? {} : { resource }) });

const BLANK = encoded('LABEL io.quaywarden.tenant="" io.quaywarden.owner="" io.quaywarden.mark=""');
const BASE = 'image/docker.io/library/busybox:latest';
/** A build whose context can be read. */
const build = (query: string, dockerfile = 'FROM busybox\n'): Buffer => {
  const context = tar({ Dockerfile: dockerfile });
  const head = http(
    `POST /v1.41/build?t=team-a/x${query}`,
    'Content-Type: application/x-tar',
    `Content-Length: ${context.length}`,
    '',
    '',
  );
  return Buffer.concat([Buffer.from(head), context]);
};
const BASE_IDS = [IDS.busybox, IDS.busybox.slice(7), IDS.busybox.slice(7, 19)] as const;
const TAR = (line: string) =>
  http(line, 'Content-Type: application/x-tar', 'Content-Length: 1024', '', '\0'.repeat(1_024));

export const F_IMAGES: readonly Case[] = [
  ...(
    [
      ['ImageInspect', (name: string) => get(`/v1.41/images/${path(name)}/json`)],
      ['ImageHistory', (name: string) => get(`/v1.41/images/${path(name)}/history`)],
      ['ImageGet', (name: string) => get(`/v1.41/images/${path(name)}/get`)],
      ['ImageDelete', (name: string) => http(`DELETE /v1.41/images/${path(name)}?force=1`)],
      ['ImageTag', (name: string) => post(`/v1.41/images/${path(name)}/tag?repo=team-a/app&tag=stolen`)],
    ] as const
  ).map(([operation, make]) =>
    attack(
      operation === 'ImageDelete' ? 'F031' : 'F025',
      `${operation} of an image that is not hers`,
      byImage(NOT_HER_IMAGES, make),
      { ...gone(operation, 'name'), resource: null },
    ),
  ),
  attack(
    'F025',
    'attestations of an image that is not hers',
    byImage(NOT_HER_IMAGES, (name) => get(`/v1.55/images/${path(name)}/attestations`)),
    { ...gone('ImageAttestations', 'name'), resource: null },
    { fakeOnly: 'of a newer version' },
  ),
  attack(
    'B021',
    'slashes in the name of an image that is not hers',
    byImage(['bob/app', 'team-b/app', 'reg.io:5000/bob/app:1', 'reg.io:5000/team-b/app:1'], (name) =>
      get(`/v1.41/images/${name}/json`),
    ),
    { ...gone('ImageInspect', 'name'), resource: null },
  ),
  attack('F025', 'an image of her own', get('/v1.41/images/team-a/app/json'), {
    ...forwarded('GET /v1.41/images/team-a/app/json', 'ImageInspect'),
    resource: 'image/docker.io/team-a/app:latest',
  }),
  attack(
    'F025',
    'an image of her own by its id',
    each([IDS.aliceapp, IDS.aliceapp.slice(7), IDS.aliceapp.slice(7, 19)], (name) =>
      get(`/v1.41/images/${name}/json`),
    ),
    {
      ...forwarded(`GET /v1.41/images/${IDS.aliceapp}/json`, 'ImageInspect'),
      resource: 'image/docker.io/team-a/app:latest',
    },
  ),
  attack('F025', 'a base image, which all share', get('/v1.41/images/busybox/history'), {
    ...forwarded('GET /v1.41/images/busybox/history', 'ImageHistory'),
    resource: BASE,
  }),
  ...(['C011', 'C025'] as const).map((id) =>
    attack(
      id,
      'images that are saved: one of them is not hers',
      byImage(NOT_HER_IMAGES, (name) => get(`/v1.41/images/get?names=team-a/app&names=${encoded(name)}`)),
      { ...gone('ImageGetAll', 'names'), resource: null },
      { note: '404 and not 403' },
    ),
  ),
  attack(
    'C011',
    'images that are saved: all are hers to have',
    get('/v1.41/images/get?names=team-a/app&names=busybox'),
    {
      ...streamed('GET /v1.41/images/get?names=team-a%2Fapp&names=busybox', 'ImageGetAll'),
      resource: 'image/docker.io/team-a/app',
      involves: ['image/docker.io/library/busybox'],
    },
  ),
  attack(
    'F027',
    'a push of an image that is not hers, with her own credentials',
    byImage(NOT_HERS_BY_NAME, (name) =>
      http(
        `POST /v1.41/images/${path(name)}/push`,
        `X-Registry-Auth: ${Buffer.from('{"username":"alice","password":"alices-own-word"}').toString('base64')}`,
        'Content-Length: 0',
      ),
    ),
    { ...gone('ImagePush', 'name'), resource: null },
    { secret: 'alices-own-word' },
  ),
  attack('F027', 'a push of it by a tag in the query', post('/v1.41/images/team-b%2Fapp/push?tag=latest'), {
    ...gone('ImagePush', 'name'),
    resource: null,
  }),
  attack(
    'F027',
    'a base image, pushed under its name',
    post('/v1.41/images/busybox/push'),
    denied('ImagePush', 'image/docker.io/library/busybox'),
  ),
  // Names that are another's, or everybody's.
  attack(
    'F029',
    'an import under a name that is not hers',
    each(
      [
        'fromSrc=-&repo=alpine&tag=latest',
        'fromSrc=-&repo=busybox',
        'fromSrc=-&repo=docker.io/library/busybox',
        'fromSrc=-&repo=index.docker.io/library/busybox',
        'repo=busybox',
        'repo=busybox:latest',
      ],
      (query) => TAR(`POST /v1.41/images/create?${query}`),
    ),
    denied('ImageCreate'),
  ),
  attack(
    'F029',
    'an import under a name of bob\u2019s',
    each(['team-b/app', 'bob/app', 'reg.io/team-b/app'], (repo) =>
      TAR(`POST /v1.41/images/create?fromSrc=-&repo=${encoded(repo)}`),
    ),
    denied('ImageCreate'),
  ),
  attack(
    'F029',
    'an import under a name of her own',
    TAR('POST /v1.41/images/create?fromSrc=-&repo=team-a/app'),
    {
      received: http(
        'POST /v1.41/images/create?fromSrc=-&repo=team-a%2Fapp',
        'Content-Type: application/x-tar',
        'Content-Length: 1024',
        'Connection: close',
        '',
        '\0'.repeat(1_024),
      ),
      operation: 'ImageCreate',
      resource: 'image/docker.io/team-a/app:latest',
    },
  ),
  attack(
    'F029',
    'a base image that is pulled anew',
    post('/v1.41/images/create?fromImage=busybox&tag=latest'),
    {
      ...streamed('POST /v1.41/images/create?fromImage=busybox&tag=latest', 'ImageCreate'),
      resource: BASE,
    },
    { fakeOnly: 'there is no such registry' },
  ),
  attack(
    'F029',
    'a pull of what is not hers',
    each(['team-b/app', 'bob/app', 'reg.io/team-b/app'], (name) =>
      post(`/v1.41/images/create?fromImage=${encoded(name)}&tag=latest`),
    ),
    denied('ImageCreate'),
  ),
  attack(
    'F029',
    'a commit under a name that is not hers',
    each(
      ['alpine', 'busybox', 'team-b/app', 'bob/app', 'reg.io/bob/app', 'docker.io/library/busybox'],
      (repo) => post(`/v1.41/commit?container=alicec&repo=${encoded(repo)}`),
    ),
    denied('ImageCommit'),
  ),
  attack(
    'F029',
    'a commit of a container that is not hers',
    NOT_HERS.map((name) => ({
      name,
      bytes: post(`/v1.41/commit?container=${name}&repo=team-a/app`),
      message: goneWords('container', name),
    })),
    { ...gone('ImageCommit', 'container'), resource: null },
  ),
  attack(
    'F029',
    'a commit whose last change goes on in the next line, which would be the gateway\u2019s',
    post(`/v1.41/commit?container=alicec&repo=team-a/app&changes=${encoded('CMD echo \\')}`),
    refused(400, 'changes-unclear', { operation: 'ImageCommit' }),
  ),
  attack(
    'F029',
    'a commit of her own with changes of hers',
    post(`/v1.41/commit?container=alicec&repo=team-a/app&changes=${encoded('CMD echo')}`),
    {
      ...streamed(
        `POST /v1.41/commit?container=${IDS.alicec}&repo=team-a%2Fapp&changes=${BLANK}&changes=${encoded('CMD echo')}`,
        'ImageCommit',
      ),
      resource: 'image/docker.io/team-a/app:latest',
    },
  ),
  attack(
    'F029',
    'a commit of her own, whose image gets no labels of hers',
    {
      'by its name': post('/v1.41/commit?container=alicec&repo=team-a/app'),
      'by its id': post(`/v1.41/commit?container=${IDS.alicec}&repo=team-a/app`),
      'by the name of bob\u2019s that begins its id': post(
        `/v1.41/commit?container=${IDS.alicec.slice(0, 6)}&repo=team-a/app`,
      ),
    },
    {
      ...streamed(
        `POST /v1.41/commit?container=${IDS.alicec}&repo=team-a%2Fapp&changes=${BLANK}`,
        'ImageCommit',
      ),
      resource: 'image/docker.io/team-a/app:latest',
      involves: ['container/team-a/alicec'],
    },
  ),
  attack(
    'F029',
    'a tag that is not hers',
    each(['alpine', 'busybox', 'team-b/app', 'bob/app', 'reg.io/team-b/app'], (repo) =>
      post(`/v1.41/images/team-a%2Fapp/tag?repo=${encoded(repo)}`),
    ),
    denied('ImageTag'),
  ),
  attack(
    'F029',
    'a build under a name that is not hers',
    each(['alpine', 'busybox', 'team-b/app', 'bob/app'], (t) => TAR(`POST /v1.41/build?t=${encoded(t)}`)),
    denied('ImageBuild'),
  ),
  attack(
    'F031',
    'a base image removed',
    each(
      ['busybox', 'busybox:latest', 'docker.io/library/busybox', ...BASE_IDS].flatMap((name) => [
        name,
        `${name}?force=1`,
      ]),
      (name) => http(`DELETE /v1.41/images/${path(name)}`),
    ),
    denied('ImageDelete', BASE),
  ),
  // A container's image.
  attack(
    'E057',
    'an image that is not hers',
    byImage(NOT_HER_IMAGES, (Image) => create({ Image })),
    gone('ContainerCreate', 'Image'),
    { note: '404 and not 403: whether there is such an image is not hers to know' },
  ),
  attack(
    'E057',
    'an image of her own by its id',
    each([IDS.aliceapp, IDS.aliceapp.slice(7, 19)], (Image) => create({ Image })),
    {
      ...forwarded(
        'POST /v1.41/containers/create',
        'ContainerCreate',
        JSON.stringify({ Image: IDS.aliceapp, Labels: labels() }),
      ),
      resource: 'container/team-a/',
      involves: ['image/docker.io/team-a/app:latest'],
      status: 201,
    },
  ),
  attack(
    'E015',
    'an image that is not hers, mounted',
    NOT_HERS_BY_NAME.map((Source) => ({
      name: Source,
      bytes: create(
        { Image: 'busybox', HostConfig: { Mounts: [{ Type: 'image', Source, Target: '/x' }] } },
        'POST /v1.48/containers/create',
      ),
      message: wordsOf(Source),
    })),
    gone('ContainerCreate', 'HostConfig.Mounts[0].Source'),
    { fakeOnly: 'of a newer version', note: '404 and not 403' },
  ),
  // Builds.
  attack(
    'F035',
    'a build on the network of the host',
    build('&networkmode=host'),
    forbidden('ImageBuild', 'host-namespace'),
  ),
  attack(
    'F035',
    'a build on the network of a container that is not hers',
    NOT_HERS.map((name) => ({
      name,
      bytes: post(`/v1.41/build?t=team-a/x&networkmode=${encoded(`container:${name}`)}`),
      message: goneWords('container', name),
    })),
    { ...gone('ImageBuild', 'networkmode'), resource: null },
    { note: '404 and not 403' },
  ),
  attack(
    'F035',
    'a build on the network of her own container',
    build('&networkmode=container:alicec'),
    forbidden('ImageBuild', 'container-namespace'),
  ),
  attack(
    'F035',
    'a build on a network that is not hers',
    ['bobn', IDS.bobn, IDS.bobn.slice(0, 12), 'Host', 'nobodyn'].map((name) => ({
      name,
      bytes: post(`/v1.41/build?t=team-a/x&networkmode=${name}`),
      message: goneWords('network', name),
    })),
    { ...gone('ImageBuild', 'networkmode'), resource: null },
    { note: '404 and not 403' },
  ),
  attack(
    'F035',
    'a build in another cgroup',
    build('&cgroupparent=/'),
    forbidden('ImageBuild', 'cgroup-parent'),
  ),
  attack(
    'F035',
    'a build that takes from an image that is not hers',
    NOT_HERS_BY_NAME.map((name) => ({
      name,
      bytes: build(`&cachefrom=${encoded(JSON.stringify([name]))}`),
    })),
    gone('ImageBuild', 'query cachefrom[0]'),
  ),
  attack(
    'F035',
    'a build that starts from an image that is not hers',
    NOT_HERS_BY_NAME.flatMap((name) => [
      { name: `FROM ${name}`, bytes: build('', `FROM ${name}\n`) },
      { name: `COPY --from=${name}`, bytes: build('', `FROM busybox\nCOPY --from=${name} /a /b\n`) },
      { name: `ARG ${name}`, bytes: build('', `ARG A=${name}\nFROM $A\n`) },
    ]),
    gone('ImageBuild'),
  ),
  attack(
    'F035',
    'a build whose base can not be told',
    {
      'no context': post('/v1.41/build?t=team-a/x'),
      'no Dockerfile': TAR('POST /v1.41/build?t=team-a/x'),
    },
    refused(403, 'archive-untold', { operation: 'ImageBuild' }),
  ),
  attack(
    'F037',
    'a build that is not seen',
    each(['version=2', 'session=abc&version=2', 'session=abc', 'version=2&buildid=abc'], (query) =>
      build(`&${query}`),
    ),
    refused(403, 'archive-untold', { operation: 'ImageBuild' }),
    {
      note: 'what BuildKit starts from is not told before the profile is asked, whose opaque-build refuses it too',
    },
  ),
  attack(
    'F037',
    'the end of another\u2019s build',
    post('/v1.41/build/cancel?id=abc'),
    denied('BuildCancel', 'build'),
  ),
  attack(
    'F037',
    'everybody\u2019s build cache',
    each(['/v1.41/build/prune?all=1', '/v1.41/build/prune'], post),
    denied('BuildPrune', 'build'),
  ),
  attack(
    'F037',
    'a session of BuildKit',
    {
      session: http('POST /v1.41/session', 'Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 0'),
    },
    denied('Session', 'engine'),
  ),
];
