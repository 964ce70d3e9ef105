import { http, json, plainly } from '../../support/front-door.ts';
import type { Attempt, Case, Forwarded } from '../corpus/case.ts';
import { attack, create, each, forwarded, refused, unread, untold } from '../corpus/write.ts';

/** Section B: which operation a request line means. */

const get = (path: string): string => http(`GET ${path}`);
const lines = (list: readonly string[]): Attempt[] => each(list, (line) => http(line));
const path = (reason: string) => refused(400, reason, { field: 'path' });

/** Lines whose one spelling is another one: what the Engine receives. */
const rewritten = (pairs: Readonly<Record<string, string>>): Attempt[] =>
  Object.entries(pairs).map(([sent, canonical]) => ({
    name: sent,
    bytes: get(sent),
    received: plainly(`GET ${canonical}`),
  }));

const on = (verdict: Forwarded, resource: string): Forwarded => ({ ...verdict, resource });

const hostConfig = '{"Privileged":true,"Binds":["/:/host"]}';
const chunks = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const BELOW = refused(403, 'version-below-floor', { field: 'version' });
const START = 'POST /v1.41/containers/alicec/start';
const started = forwarded(START, 'ContainerStart');
const DETACH = '{"Detach":false}';

const execStart = (line: string, header: string): string =>
  http(line, header, `Content-Length: ${DETACH.length}`, '', DETACH);

export const B_PATH: readonly Case[] = [
  attack(
    'B001',
    'encoded slashes hide the operation',
    get('/v1.41/containers%2Fbobc%2Fjson'),
    path('path-encoding'),
    {
      note: '400 and not 404: a path has one spelling',
      danger: { status: 200, answer: /"Name":"\/bobc"/ },
    },
  ),
  attack(
    'B001',
    'an encoded slash where no name of an image stands',
    lines([
      'GET /v1.41/containers/bobc%2Fjson',
      'POST /v1.41/containers/a%2Fb/start',
      'GET /v1.41/volumes%2Fbobv',
      'GET /v1.41/images%2Fjson',
      'GET /v1.41/containers/bobc%2fjson',
    ]),
    path('path-encoding'),
  ),
  attack(
    'B003',
    'the version behind an encoded slash',
    http('POST /v1.41%2Fcontainers%2Fcreate'),
    refused(400, 'version-malformed', { field: 'version' }),
    {
      note: '400 and not judged as create: a path has one spelling',
      danger: { status: 500, answer: /EOF/ },
    },
  ),
  attack(
    'B003',
    'letters, digits and marks that need no encoding',
    lines([
      'GET /%761.41/info',
      'GET /v%31.41/info',
      'GET /v1%2E41/info',
      'GET /v1.41/%69nfo',
      'GET /v1.41/containers/%6ason',
      'GET /v1.41/containers/x%2Dy/json',
      'GET /v1.41/containers/%7Ex/json',
      'GET /v1.41/containers/%61licec/json',
    ]),
    path('path-encoding'),
    { danger: { status: 200 } },
  ),
  attack(
    'B003',
    'encoded twice: a name with a percent sign, and no endpoint',
    lines(['GET /v1.41/inf%256F']),
    refused(404, 'unknown-endpoint'),
  ),
  attack(
    'B005',
    'dot segments',
    lines([
      'GET /v1.41/containers/x/../bobc/json',
      'GET /v1.41/containers/./json',
      'GET /../v1.41/info',
      'GET /v1.41/../info',
      'GET /./v1.41/info',
      'GET /v1.41/containers/json/..',
      'GET /v1.41/containers/json/.',
      'GET /v1.41/images/a%2F..%2Fb/json',
      'GET /v1.41/images/a/../../containers/json',
    ]),
    path('path-segments'),
  ),
  attack(
    'B005',
    'encoded dot segments',
    lines([
      'GET /v1.41/containers/alicec/%2e%2e/bobc/json',
      'GET /v1.41/containers/alicec/%2E%2E/bobc/json',
      'GET /v1.41/containers/alicec/.%2e/bobc/json',
      'GET /v1.41/containers/%2e/json',
      'GET /%2e%2e/info',
      'GET /v1.41/containers/x/..%2fbobc/json',
    ]),
    path('path-encoding'),
    { danger: { status: 301 } },
  ),
  attack(
    'B007',
    'double slashes',
    lines([
      'GET //v1.41/containers/json',
      'GET /v1.41//containers/json',
      'GET //evil.example/v1.41/info',
      'GET ///v1.41/info',
      'POST /v1.41/containers//create',
      'GET /v1.41/images/a%2F%2Fb/json',
      'GET /v1.41/images/%2Fjson/json',
      'GET /v1.41/%2Fcontainers/json',
      'DELETE /v1.41/volumes/%2Fbobv',
    ]),
    path('path-segments'),
  ),
  attack('B009', 'a fragment', get('/v1.41/containers/json#/../../info'), path('path-form'), {
    danger: { status: 301 },
  }),
  attack(
    'B009',
    'a fragment behind the query',
    get('/v1.41/containers/json?all=1#x'),
    refused(400, 'query-encoding'),
  ),
  attack(
    'B009',
    'an absolute form',
    lines([
      'GET http://alice:hunter2@docker/v1.41/info',
      'GET https://docker/v1.41/info',
      'GET unix:///v1.41/info',
      'GET *',
    ]),
    path('path-form'),
    { secret: 'hunter2' },
  ),
  attack(
    'B009',
    'forms of a target that HTTP does not know',
    lines(['GET v1.41/info', 'GET docker:2376', 'GET ?all=1', 'GET ']),
    unread(400, 'http-malformed'),
  ),
  attack(
    'B011',
    'versions that are odd',
    lines([
      'GET /v1.24.9.9/info',
      'GET /v1/info',
      'GET /v.1.41/info',
      'GET /v1..41/info',
      'GET /v9.99/info',
      'GET /v01.041/info',
      'GET /v1.041/info',
      'GET /v1.41.0/info',
      'GET /V1.41/info',
      'GET /v1.4294967337/info',
      'GET /v0.41/info',
      'GET /v2.41/info',
      'GET /v1./info',
      'GET /v.41/info',
      'GET /v1.41./info',
      'GET /v1.18446744073709551657/info',
    ]),
    refused(400, 'version-malformed'),
    { danger: { status: 200, answer: /"ServerVersion"/ } },
  ),
  attack(
    'B011',
    'text that only begins like a version is a path, and no endpoint',
    lines(['GET /v1.41/v1.41/info', 'GET /v/info', 'GET /version1.41/info']),
    refused(404, 'unknown-endpoint'),
  ),
  attack(
    'B011',
    'newer than anybody knows',
    lines(['GET /v1.57/info', 'GET /v1.99/info']),
    refused(400, 'version-above-ceiling'),
  ),
  attack(
    'B013',
    'versions whose defaults were others',
    [12, 13, 20, 23].map((minor) => ({
      name: `1.${minor}`,
      bytes: create('{"Image":"busybox","HostConfig":{}}', `POST /v1.${minor}/containers/create`),
    })),
    BELOW,
    {
      danger: { container: { 'HostConfig.IpcMode': 'shareable' } },
    },
  ),
  attack(
    'B015',
    'a HostConfig for start, at a version that took one',
    {
      'by length': json('POST /v1.23/containers/alicec/start', hostConfig),
      'in chunks': http(
        'POST /v1.23/containers/alicec/start',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        chunks(hostConfig),
      ),
      'of seven bytes': json('POST /v1.23/containers/alicec/start', '{"a":1}'),
      'at 1.12': json('POST /v1.12/containers/alicec/start', hostConfig),
    },
    BELOW,
  ),
  attack(
    'B015',
    'a HostConfig for start stays here',
    {
      'by length': json(START, hostConfig),
      'in chunks': http(
        START,
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        chunks(hostConfig),
      ),
      'that is no JSON': json(START, '{"Privileged":'),
      'as text': http(START, 'Content-Type: text/plain', 'Content-Length: 2', '', '{}'),
    },
    started,
  ),
  attack(
    'B017',
    'exec start where the Content-Type said nothing',
    {
      'text/plain': execStart('POST /v1.21/exec/ID/start', 'Content-Type: text/plain'),
      none: execStart('POST /v1.21/exec/ID/start', 'X-None: 1'),
    },
    BELOW,
    { danger: { status: 404, answer: /No such exec instance: ID/ } },
  ),
  attack(
    'B017',
    'exec start takes JSON by its name only',
    {
      'text/plain': execStart('POST /v1.41/exec/ID/start', 'Content-Type: text/plain'),
      'text/json': execStart('POST /v1.41/exec/ID/start', 'Content-Type: text/json'),
      'a suffix': execStart('POST /v1.41/exec/ID/start', 'Content-Type: application/x+json'),
      none: execStart('POST /v1.41/exec/ID/start', 'X-None: 1'),
    },
    refused(415, 'content-type-unsupported', { operation: 'ExecStart', field: 'content-type' }),
  ),
  attack(
    'B019',
    'what stands last decides',
    json('POST /v1.41/containers/alicec/json/exec', '{"Cmd":["id"]}'),
    on(
      forwarded('POST /v1.41/containers/alicec/json/exec', 'ContainerExec', '{"Cmd":["id"]}'),
      'container/-/alicec/json',
    ),
  ),
  attack(
    'B019',
    'names that look like operations',
    rewritten({
      '/v1.41/containers/auth/json': '/v1.41/containers/auth/json',
      '/v1.41/containers/create/json': '/v1.41/containers/create/json',
      '/v1.41/containers/v1.24/json': '/v1.41/containers/v1.24/json',
      '/v1.41/containers/exec/start/json': '/v1.41/containers/exec/start/json',
    }),
    forwarded('', 'ContainerInspect'),
  ),
  attack('B019', 'a removal by a name with slashes is a removal', http('DELETE /v1.41/containers/x/json'), {
    received: http('DELETE /v1.41/containers/x/json', 'Content-Length: 0', 'Connection: close'),
    operation: 'ContainerDelete',
    resource: 'container/-/x/json',
  }),
  attack(
    'B021',
    'slashes in the name of an image',
    get('/v1.41/images/bob/app/json'),
    on(forwarded('GET /v1.41/images/bob/app/json', 'ImageInspect'), 'image/docker.io/bob/app:latest'),
    untold('bob\u2019s image is answered as absent'),
  ),
  attack(
    'B021',
    'a registry with a port, and a tag',
    get('/v1.41/images/reg.io:5000/bob/app:1/json'),
    on(
      forwarded('GET /v1.41/images/reg.io:5000/bob/app:1/json', 'ImageInspect'),
      'image/reg.io:5000/bob/app:1',
    ),
    untold('bob\u2019s image is answered as absent'),
  ),
  attack(
    'B021',
    'encoded slashes and colons in the name of an image',
    [
      { name: '%2F', bytes: get('/v1.41/images/bob%2Fapp/json') },
      {
        name: '%3A',
        bytes: get('/v1.41/images/bob/app%3A1/json'),
        received: plainly('GET /v1.41/images/bob/app:1/json'),
      },
      {
        name: 'called like an operation',
        bytes: get('/v1.41/images/json/json'),
        received: plainly('GET /v1.41/images/json/json'),
      },
    ],
    forwarded('GET /v1.41/images/bob/app/json', 'ImageInspect'),
  ),
  attack(
    'B023',
    'control characters and separators of lines',
    lines([
      'GET /v1.41/containers/x%0Ay/json',
      'GET /v1.41/containers/x%0Dy/json',
      'GET /v1.41/containers/x%E2%80%A8y/json',
      'GET /v1.41/containers/x%E2%80%A9y/json',
      'GET /v1.41/containers/x%00y/json',
      'GET /v1.41/containers/x%09y/json',
      'GET /v1.41/containers/x%7Fy/json',
      'GET /v1.41/containers/x%C2%85y/json',
      'GET /v1.41/volumes/%1B%5B2J',
    ]),
    path('path-control'),
    { danger: { status: 404 } },
  ),
  attack(
    'B023',
    'bytes that are no UTF-8, and escapes that are none',
    lines([
      'GET /v1.41/containers/x%C0%AFy/json',
      'GET /v1.41/containers/x%ED%A0%80y/json',
      'GET /v1.41/containers/x%FFy/json',
      'GET /v1.41/containers/x%4/json',
      'GET /v1.41/containers/x%/json',
      'GET /v1.41/containers/x%zz/json',
      'GET /v1.41/containers/x%u0041/json',
      'GET /v1.41/containers/x%c3%a9/json',
      'GET /v1.41/containers/a"b/json',
      'GET /v1.41/containers/{x}/json',
      'GET /v1.41/containers/a|b/json',
    ]),
    path('path-encoding'),
  ),
  attack(
    'B023',
    'raw bytes beyond ASCII',
    Buffer.from(get('/v1.41/containers/\xff\xfe/json'), 'latin1'),
    unread(400, 'http-malformed'),
  ),
  attack(
    'B023',
    'backslashes',
    lines([
      'GET /v1.41/containers/x%5Cy/json',
      'GET /v1.41/containers/x%5cy/json',
      'GET /v1.41\\containers\\json',
      'GET /\\evil/v1.41/info',
    ]),
    path('path-backslash'),
  ),
  attack('B023', 'parameters of segments', get('/v1.41/info;x=1'), refused(404, 'unknown-endpoint')),
  attack(
    'B023',
    'names that are odd and have one spelling',
    rewritten({
      '/v1.41/volumes/a%20b': '/v1.41/volumes/a%20b',
      '/v1.41/volumes/%C3%A9': '/v1.41/volumes/%C3%A9',
      '/v1.41/volumes/100%25': '/v1.41/volumes/100%25',
      "/v1.41/volumes/a+b,c=d&e!f'(g)*": "/v1.41/volumes/a%2Bb%2Cc%3Dd%26e!f'(g)*",
      '/v1.41/volumes/info;x': '/v1.41/volumes/info%3Bx',
      '/volumes/data': '/v1.41/volumes/data',
    }),
    forwarded('', 'VolumeInspect'),
  ),
  attack('B025', 'a slash at the end', get('/v1.41/networks/'), path('path-segments'), {
    note: '400 and not FILTER: a path has one spelling',
    danger: { status: 200, answer: /"Name":"bobn"/ },
  }),
  attack(
    'B025',
    'slashes at other ends',
    lines([
      'GET /v1.41/containers/json/',
      'GET /',
      'GET /v1.41/',
      'GET /_ping/',
      'POST /v1.41/containers/x/start/',
    ]),
    path('path-segments'),
  ),
  attack(
    'B027',
    'OPTIONS, which the Engine answers on any path',
    lines([
      'OPTIONS /anything',
      'OPTIONS *',
      'OPTIONS /v1.41/info',
      'OPTIONS /v1.41/containers/create',
      'OPTIONS /_ping',
    ]),
    refused(403, 'unknown-operation', { field: 'method' }),
    { danger: { status: 200 } },
  ),
  attack(
    'B027',
    'other methods that the API does not have',
    lines([
      'PATCH /v1.41/containers/x',
      'TRACE /v1.41/info',
      'PROPFIND /v1.41/info',
      'PURGE /v1.41/info',
      'M-SEARCH /v1.41/info',
      'QUERY /v1.41/containers/json',
      'MKCOL /v1.41/volumes/x',
      'CONNECT docker:2376',
      'CONNECT /v1.41/info',
      'CONNECT evil.example:443',
    ]),
    refused(403, 'unknown-operation', { field: 'method' }),
  ),
  attack(
    'B027',
    'methods that a path does not have',
    lines([
      'POST /v1.41/info',
      'PUT /v1.41/containers/x/json',
      'GET /v1.41/containers/x/start',
      'GET /v1.41/exec/x/start',
      'HEAD /v1.41/containers/json',
      'HEAD /v1.41/info',
      'GET /v1.41/containers/x/secrets',
    ]),
    refused(403, 'unknown-operation', { field: 'method' }),
  ),
  attack(
    'B027',
    'words that are no methods',
    lines(['get /v1.41/info', 'Post /v1.41/containers/x/start', 'G\x00ET /v1.41/info', 'FROB /v1.41/info']),
    unread(400, 'http-malformed'),
  ),
  attack(
    'B027',
    'HTTP/2 with prior knowledge',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
    unread(400, 'http-malformed'),
  ),
  attack(
    'B029',
    'headers that say another method',
    each(
      [
        'X-HTTP-Method-Override: DELETE',
        'X-HTTP-Method: DELETE',
        'X-Method-Override: DELETE',
        'X-Original-Method: POST',
      ],
      (header) => http('GET /v1.41/containers/alicec/json', header),
    ),
    on(forwarded('GET /v1.41/containers/alicec/json', 'ContainerInspect'), 'container/-/alicec'),
    { danger: { status: 200, answer: /"Name":"\/alicec"/ } },
  ),
  attack(
    'B029',
    'a parameter that says another method',
    get('/v1.41/containers/alicec/json?_method=DELETE'),
    refused(400, 'query-unknown', { field: '_method' }),
    {
      note: '400 and not judged as GET: unknown parameters are refused',
    },
  ),
  attack(
    'B031',
    'the end of a build, by an operation outside of the published API',
    http('POST /v1.41/build/cancel?id=X'),
    refused(403, 'not-granted', { operation: 'BuildCancel' }),
  ),
  attack(
    'B031',
    'checkpoints',
    lines(['GET /v1.41/containers/x/checkpoints', 'GET /v1.41/containers/x/checkpoints?dir=/root']),
    refused(403, 'not-granted', { operation: 'ContainerCheckpointList' }),
  ),
  attack(
    'B031',
    'a checkpoint in a directory of the host',
    json('POST /v1.41/containers/x/checkpoints', '{"CheckpointID":"c","CheckpointDir":"/etc/cron.d"}'),
    refused(403, 'not-granted', { operation: 'ContainerCheckpointCreate' }),
  ),
  attack(
    'B031',
    'what is in the Engine\u2019s memory',
    lines(['GET /debug/vars']),
    refused(403, 'not-granted', { operation: 'DebugVars' }),
  ),
  attack(
    'B031',
    'a heap of the Engine',
    get('/debug/pprof/heap'),
    refused(403, 'not-granted', { operation: 'DebugPprofNamed' }),
  ),
  attack(
    'B031',
    'unknown paths',
    lines([
      'GET /metrics',
      'GET /v1.41/metrics',
      'GET /v1.41/volumes/x/secrets',
      'GET /v1.41/Info',
      'GET /v1.41/debug/vars',
      'GET /v1.41/INFO',
      'GET /healthz',
      'POST /v1.41/containers',
      'GET /favicon.ico',
    ]),
    refused(404, 'unknown-endpoint'),
    { note: '404, in the Engine\u2019s words, and not 403' },
  ),
];
