import { http, json } from '../../support/front-door.ts';
import { issueToken } from '../../support/gateway.ts';
import type { Attempt, Case } from '../corpus/case.ts';
import { attack, CREATE, created, each, forwarded, refused, streamed, unread } from '../corpus/write.ts';
import { D_UPGRADE } from './d-upgrade.ts';
import { leaving, pipelined, waitingFor100 } from './drives.ts';

/** Section D: where a request ends, and which headers say what. */

const TYPED = 'Content-Type: application/json';
const BODY = '{"Image":"busybox"}';
const PRIVILEGED = '{"Image":"busybox","HostConfig":{"Privileged":true}}';
const LENGTH = `Content-Length: ${BODY.length}`;
const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const SMUGGLED = 'GET /v1.41/secrets HTTP/1.1\r\nHost: docker\r\n\r\n';
const INFO = 'GET /v1.41/info';
const CREATE_HEAD = [TYPED, LENGTH, 'Expect: 100-continue'];

const framed = (
  what: Readonly<Record<string, readonly [headers: readonly string[], rest: string]>>,
): Attempt[] =>
  Object.entries(what).map(([name, [headers, rest]]) => ({
    name,
    bytes: Buffer.from(http(CREATE, TYPED, ...headers, '', rest), 'latin1'),
  }));

const info = forwarded(INFO, 'SystemInfo');
const volumes = forwarded('GET /v1.41/volumes', 'VolumeList');
const secretsRefused = refused(403, 'not-granted', { operation: 'SecretList' });
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

export const D_FRAMING: readonly Case[] = [
  attack(
    'D002',
    'HTTP/1.0 with chunks',
    http(CREATE, TYPED, 'Transfer-Encoding: chunked', '', CHUNKS).replace('HTTP/1.1', 'HTTP/1.0'),
    unread(400, 'framing-ambiguous', 'transfer-encoding'),
    {
      danger: { status: 500, answer: /EOF/ },
    },
  ),
  attack(
    'D002',
    'codings and lengths that Node and Go read differently',
    framed({
      'gzip, chunked': [['Transfer-Encoding: gzip, chunked'], CHUNKS],
      'a length with leading zeros': [[`Content-Length: 0${BODY.length}`], BODY],
      'a length beyond what a number holds': [['Content-Length: 9999999999999999'], BODY],
    }),
    unread(400, 'framing-ambiguous'),
  ),
  attack(
    'D002',
    'two ways to say where a body ends, and headers that hide one',
    framed({
      'CL.TE': [['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`],
      'TE.CL': [['Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`],
      'CL.0 with chunks': [['Content-Length: 0', 'Transfer-Encoding: chunked'], CHUNKS],
      'two lengths': [[LENGTH, 'Content-Length: 0'], BODY],
      'two lengths that agree': [[LENGTH, LENGTH], BODY],
      'a length with a sign': [['Content-Length: +19'], BODY],
      'a negative length': [['Content-Length: -1'], BODY],
      'a length in hex': [['Content-Length: 0x13'], BODY],
      'a length with a space in it': [['Content-Length: 1 9'], BODY],
      'a length of letters': [['Content-Length: nineteen'], BODY],
      'a list of lengths': [['Content-Length: 19, 19'], BODY],
      'an empty length': [['Content-Length:'], BODY],
      'a length beyond 64 bits': [['Content-Length: 18446744073709551635'], BODY],
      'chunked not last': [['Transfer-Encoding: chunked, identity'], CHUNKS],
      'chunked, and then identity': [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], CHUNKS],
      'chunked twice': [['Transfer-Encoding: chunked, chunked'], CHUNKS],
      'chunked twice in two lines': [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], CHUNKS],
      'a vertical tab before chunked': [['Transfer-Encoding: \x0bchunked'], CHUNKS],
      'a space before the colon': [['Transfer-Encoding : chunked'], CHUNKS],
      'a tab before the colon': [['Content-Length\t: 19'], BODY],
      'a folded line': [['Transfer-Encoding:', ' chunked'], CHUNKS],
      'a folded line behind another header': [['X-A: b', '\tTransfer-Encoding: chunked'], CHUNKS],
      'NUL in the name': [['Transfer-Encoding\x00: chunked'], CHUNKS],
      'NUL in the value': [['Transfer-Encoding: chunked\x00'], CHUNKS],
      'a carriage return in the value': [['X-A: b\rTransfer-Encoding: chunked'], CHUNKS],
      'a line feed alone': [['X-A: b\nTransfer-Encoding: chunked'], CHUNKS],
      'a line without a colon': [['Transfer-Encoding chunked'], CHUNKS],
      'an empty name': [[': chunked'], CHUNKS],
      'a name in quotes': [['"Transfer-Encoding": chunked'], CHUNKS],
      'a name with bytes beyond ASCII': [['Transfer-Encod\xefng: chunked'], CHUNKS],
    }),
    unread(400, 'http-malformed'),
  ),
  attack(
    'D002',
    'a coding of which the parser cannot tell the end',
    framed({
      xchunked: [['Transfer-Encoding: xchunked'], CHUNKS],
      identity: [['Transfer-Encoding: identity'], CHUNKS],
      gzip: [['Transfer-Encoding: gzip'], CHUNKS],
    }),
    { ...unread(400, 'framing-ambiguous'), answered: false },
    { drive: leaving },
  ),
  attack(
    'D002',
    'chunks that are none',
    framed({
      'a size that is no number': [['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
      'a negative size': [['Transfer-Encoding: chunked'], '-1\r\n{}\r\n0\r\n\r\n'],
      'a size with 0x': [['Transfer-Encoding: chunked'], `0x13\r\n${BODY}\r\n0\r\n\r\n`],
      'a size beyond 64 bits': [['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
      'a space in the size': [['Transfer-Encoding: chunked'], `1 3\r\n${BODY}\r\n0\r\n\r\n`],
      'more data than the size says': [['Transfer-Encoding: chunked'], `2\r\n${BODY}\r\n0\r\n\r\n`],
      'a line feed alone behind the size': [['Transfer-Encoding: chunked'], `13\n${BODY}\n0\n\n`],
      'a line feed alone behind the data': [['Transfer-Encoding: chunked'], `13\r\n${BODY}\n0\r\n\r\n`],
      'a chunk extension with a line feed': [
        ['Transfer-Encoding: chunked'],
        `13;a=\nb\r\n${BODY}\r\n0\r\n\r\n`,
      ],
      'NUL behind the size': [['Transfer-Encoding: chunked'], `13\x00\r\n${BODY}\r\n0\r\n\r\n`],
      'chunk extensions without end': [
        ['Transfer-Encoding: chunked'],
        `13;${'a'.repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`,
      ],
      'fewer bytes than the length says': [['Content-Length: 100'], BODY],
    }),
    { ...refused(400, 'body-incomplete', { operation: 'ContainerCreate' }), answered: false },
    { drive: leaving },
  ),
  attack(
    'D002',
    'one body, whatever way it is framed',
    framed({
      chunks: [['Transfer-Encoding: chunked'], CHUNKS],
      CHUNKED: [['TRANSFER-ENCODING: CHUNKED'], CHUNKS],
      'many chunks': [
        ['Transfer-Encoding: chunked'],
        `1\r\n{\r\n0011\r\n${BODY.slice(1, -1)}\r\n1\r\n}\r\n0\r\n\r\n`,
      ],
      'chunk extensions': [['Transfer-Encoding: chunked'], `13;a=b;c="d"\r\n${BODY}\r\n0;x\r\n\r\n`],
      'trailers that name headers': [
        ['Transfer-Encoding: chunked', 'Trailer: Host'],
        `13\r\n${BODY}\r\n0\r\nHost: evil\r\nX-Registry-Auth: a\r\n\r\n`,
      ],
      'a length': [[LENGTH], BODY],
      'a coding of the content that the Engine does not read': [[LENGTH, 'Content-Encoding: identity'], BODY],
      'headers that only look like those of framing': [
        [LENGTH, 'Content_Length: 5', 'Transfer_Encoding: chunked', 'X-Transfer-Encoding: chunked'],
        BODY,
      ],
    }),
    created(BODY),
  ),
  attack(
    'D002',
    'a type goes on without its parameters',
    each(
      ['Application/JSON; charset="UTF-8"', 'application/json;charset=utf-8', 'APPLICATION/JSON'],
      (type) => http(CREATE, `Content-Type: ${type}`, LENGTH, '', BODY),
    ),
    created(BODY),
  ),
  attack(
    'D002',
    'a body that is announced by its type only',
    {
      'no length': http(CREATE, TYPED),
      'length 0': http(CREATE, TYPED, 'Content-Length: 0'),
      'no chunks': http(CREATE, TYPED, 'Transfer-Encoding: chunked', '', '0\r\n\r\n'),
    },
    refused(400, 'body-missing', { operation: 'ContainerCreate' }),
  ),
  attack(
    'D004',
    'two Hosts',
    each(['Host: evil', 'Host: docker', 'HOST: docker'], (second) => http(INFO, second)),
    unread(400, 'header-duplicate', 'host'),
    { danger: { status: 400 } },
  ),
  attack('D004', 'no Host', `${INFO} HTTP/1.1\r\n\r\n`, unread(400, 'host-missing', 'host'), {
    danger: { status: 400 },
  }),
  attack(
    'D004',
    'Hosts that are none',
    each(['a b', 'a"b', 'a@b', 'a\\b'], (host) => `${INFO} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    unread(400, 'host-malformed', 'host'),
  ),
  attack(
    'D004',
    'whatever Host says, the Engine hears "docker"',
    each(
      ['', 'evil.example', '%2Fvar%2Frun%2Fdocker.sock', '[::1]:2376', 'localhost:2375'],
      (host) => `${INFO} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    ),
    info,
  ),
  attack(
    'D006',
    'the body of a GET is no request',
    http(INFO, `Content-Length: ${SMUGGLED.length}`, '', SMUGGLED),
    info,
  ),
  attack(
    'D006',
    'a request behind the body of a GET',
    http(INFO, `Content-Length: ${SMUGGLED.length}`, '', SMUGGLED) + http('GET /v1.41/volumes'),
    [info, volumes],
    { drive: pipelined },
  ),
  attack(
    'D006',
    'each request of one segment has its own verdict',
    http(INFO) + http('GET /v1.41/secrets') + http('GET /v1.41/volumes'),
    [info, secretsRefused, volumes],
    { drive: pipelined },
  ),
  attack(
    'D006',
    'a refused request does not lend its body to the next',
    json('POST /v1.41/secrets/create', SMUGGLED) + http(INFO),
    [refused(403, 'not-granted', { operation: 'SecretCreate' }), info],
    { drive: pipelined },
  ),
  attack(
    'D006',
    'nothing is served behind bytes that are no request',
    `NONSENSE\r\n\r\n${http(INFO)}`,
    unread(400, 'http-malformed'),
  ),
  attack(
    'D008',
    'a verdict before the body is asked for',
    http(CREATE, ...CREATE_HEAD, '', ''),
    refused(403, 'not-granted', { operation: 'ContainerCreate' }),
    { as: 'viewer', drive: waitingFor100(undefined) },
  ),
  attack(
    'D008',
    'a body that is asked for goes on without Expect',
    http(CREATE, ...CREATE_HEAD, '', ''),
    created(BODY),
    { drive: waitingFor100(BODY) },
  ),
  attack(
    'D008',
    'a body that never comes',
    http(CREATE, ...CREATE_HEAD, '', ''),
    { ...refused(400, 'body-incomplete', { operation: 'ContainerCreate' }), answered: false },
    { drive: waitingFor100('') },
  ),
  attack(
    'D008',
    'a body that is asked for and is denied',
    http(CREATE, TYPED, `Content-Length: ${PRIVILEGED.length}`, 'Expect: 100-continue', '', ''),
    refused(403, 'privileged', { operation: 'ContainerCreate', checks: ['privileged'] }),
    {
      drive: waitingFor100(PRIVILEGED),
    },
  ),
  attack(
    'D008',
    'a body larger than what is judged, before it is sent',
    http(CREATE, TYPED, 'Content-Length: 4194305', 'Expect: 100-continue', '', ''),
    refused(413, 'body-too-large', { operation: 'ContainerCreate' }),
    { drive: waitingFor100(undefined) },
  ),
  attack(
    'D008',
    'expectations that nobody knows',
    each(['foo', '100-continue, foo', '', '200-ok'], (value) => http(INFO, `Expect: ${value}`)),
    unread(417, 'expect-unknown', 'expect'),
    { danger: { status: 417 } },
  ),
  ...D_UPGRADE,
  attack(
    'D022',
    'a Connection header that lists other headers',
    each(
      [
        'x-gw-tenant, authorization',
        'x-registry-auth',
        'keep-alive, host',
        'content-length',
        'close, transfer-encoding',
        'Upgrade, X-Forwarded-For',
        '"close"',
        'close; x',
        'close\tkeep-alive',
        'content-type',
      ],
      (value) => http(INFO, `Connection: ${value}`),
    ),
    unread(400, 'connection-option', 'connection'),
  ),
  attack(
    'D022',
    'a second Connection header',
    http(INFO, 'Connection: close', 'Connection: x-registry-auth'),
    unread(400, 'connection-option', 'connection'),
  ),
  attack(
    'D022',
    'hop-by-hop headers stay here',
    each(
      [
        'Connection: close',
        'Connection: Close',
        'Connection: Keep-Alive, TE',
        'Connection: , close,',
        'Connection: ',
        'Keep-Alive: timeout=5',
        'Proxy-Connection: keep-alive',
        'TE: trailers',
        'Trailer: X-A',
      ],
      (header) => http(INFO, header),
    ),
    info,
  ),
  attack(
    'D024',
    'credentials for a registry are written anew and told to nobody',
    http(INFO, `X-Registry-Auth: ${base64('{ "Password":"hunter2secret","username":"alice" }')}`),
    forwarded(
      INFO,
      'SystemInfo',
      undefined,
      `x-registry-auth: ${Buffer.from('{"username":"alice","password":"hunter2secret"}').toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`,
    ),
    { secret: base64('{ "Password":"hunter2secret"').slice(0, 30) },
  ),
  attack(
    'D024',
    'credentials that are none, and are not repeated',
    {
      'no base64': http(INFO, 'X-Registry-Auth: {"password":"hunter2secret"}'),
      'no JSON': http(INFO, `X-Registry-Auth: ${base64('hunter2secret')}`),
      'a field twice': http(
        INFO,
        `X-Registry-Auth: ${base64('{"password":"a","Password":"hunter2secret"}')}`,
      ),
      'a field that nobody knows': http(INFO, `X-Registry-Config: ${base64('{"r":{"hunter2secret":1}}')}`),
      'a list': http(INFO, `X-Registry-Auth: ${base64('["hunter2secret"]')}`),
      'a wrong type': http(INFO, `X-Registry-Auth: ${base64('{"username":{"hunter2secret":1}}')}`),
    },
    refused(400, 'registry-credentials', { operation: 'SystemInfo' }),
    { secret: 'hunter2secret' },
  ),
  attack(
    'D024',
    'the few headers that mean something to the Engine',
    http(INFO, 'Accept: */*', 'ACCEPT-ENCODING: gzip', 'User-Agent: curl/8', 'X-Registry-Config: e30='),
    forwarded(
      INFO,
      'SystemInfo',
      undefined,
      'accept: */*',
      'accept-encoding: gzip',
      'user-agent: curl/8',
      'x-registry-config: e30=',
    ),
  ),
  attack(
    'D024',
    'all other headers stay here',
    each(
      [
        'Cookie: a=b',
        'Referer: https://evil',
        'Origin: https://evil',
        'X-Meta-Evil: 1',
        'x-meta-auth: 1',
        'X-Forwarded-For: 127.0.0.1',
        'X-Forwarded-Host: docker',
        'X-Real-IP: 127.0.0.1',
        'Forwarded: for=127.0.0.1',
        'Via: 1.1 x',
        'Range: bytes=0-1',
        'If-None-Match: "x"',
        'Quaywarden-Request-Id: 1',
        'X-Original-URL: /v1.41/secrets',
        'X-Rewrite-URL: /v1.41/secrets',
        'X-Docker-Expose-Session-Uuid: 1',
        'Sec-WebSocket-Key: abc',
        'HTTP2-Settings: AAAA',
        'Early-Data: 1',
        'Date: now',
        '__proto__: x',
        'constructor: x',
      ],
      (header) => http(INFO, header),
    ),
    info,
  ),
  attack(
    'D024',
    'the same on the road of streams',
    http('GET /v1.41/events', 'X-Meta-Evil: 1', 'User-Agent: x', 'Cookie: a=b'),
    streamed('GET /v1.41/events', 'SystemEvents', 'user-agent: x'),
  ),
  attack(
    'D024',
    'headers that may be there once only',
    each(
      [
        'User-Agent',
        'X-Registry-Auth',
        'X-Registry-Config',
        'Content-Type',
        'Authorization',
        'Origin',
        'Upgrade',
        'Expect',
      ],
      (name) => http(INFO, `${name}: a`, `${name}: b`),
    ),
    unread(400, 'header-duplicate'),
  ),
  attack(
    'D024',
    'values that hold what they may not',
    [
      {
        name: 'Latin-1',
        bytes: Buffer.from(http(INFO, 'User-Agent: caf\xe9'), 'latin1'),
        field: 'user-agent',
      },
      { name: 'a tab', bytes: http(INFO, 'User-Agent: a\tb'), field: 'user-agent' },
      { name: 'a C1 control', bytes: Buffer.from(http(INFO, 'Accept: \x80'), 'latin1'), field: 'accept' },
    ],
    refused(400, 'header-malformed', { operation: 'SystemInfo' }),
  ),
  attack(
    'D024',
    'control characters in headers',
    each(
      ['User-Agent: a\x01b', 'User-Agent: a\x7fb', 'X-Any: a\x00b', 'X-Any: a\x1bb', 'Accept: a\x0bb'],
      (header) => http(INFO, header),
    ),
    unread(400, 'http-malformed'),
  ),
  attack(
    'D026',
    'a certificate of one and a token of another',
    [
      {
        name: '',
        bytes: async (door) =>
          http(
            'GET /v1.41/_ping',
            `Authorization: Bearer ${await issueToken(door.gateway, 'alice', '--role', 'operator')}`,
          ),
      },
    ],
    unread(401, 'identity-conflict'),
    { as: 'bob' },
  ),
  attack(
    'D026',
    'no certificate, and tokens that are none',
    each(['Bearer x', 'Bearer ', 'bearer a.b.c'], (value) =>
      http('GET /v1.41/_ping', `Authorization: ${value}`),
    ),
    unread(401, 'token-malformed'),
    { as: null },
  ),
  attack(
    'D026',
    'another way to say who calls',
    http('GET /v1.41/_ping', 'Authorization: Basic YWxpY2U6eA=='),
    unread(401, 'authorization-scheme'),
    { as: null },
  ),
  attack('D026', 'nobody', http('GET /_ping'), unread(401, 'no-identity'), { as: null }),
];
