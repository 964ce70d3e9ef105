import { bodyOf, reply } from '../../support/fake-engine.ts';
import { http, json } from '../../support/front-door.ts';
import type { Case, Forwarded } from '../corpus/case.ts';
import { attack, CREATE, created, each, forwarded, refused } from '../corpus/write.ts';
import { answeredBy, talking } from './drives.ts';

/** Section D: connections that become something else, or must not. */

const TCP = ['Connection: Upgrade', 'Upgrade: tcp'];
const DETACH = '{"Detach":false}';
const WEBSOCKET = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: abc'];
const WS = 'GET /v1.41/containers/bobc/attach/ws?stdin=1';
const EVIL = http('DELETE /v1.41/containers/bobc');

const start = (...headers: string[]): string => json('POST /v1.41/exec/abc/start', DETACH, ...headers);
const attach = (...headers: string[]): string =>
  http('POST /v1.41/containers/x/attach?stream=1&stdin=1', ...headers);

/** The one head that the Engine may see of an exec start, whatever the client sent; and what is said on the stream. */
const hijacked = (said = '', status = 101): Forwarded => ({
  received: `${http(
    'POST /v1.41/exec/abc/start',
    'Content-Type: application/json',
    'Connection: Upgrade',
    'Upgrade: tcp',
    `Content-Length: ${DETACH.length}`,
    'Connection: close',
  )}${DETACH}${said}`,
  operation: 'ExecStart',
  status,
});

const LIST = 'GET /v1.41/containers/json';

export const D_UPGRADE: readonly Case[] = [
  attack(
    'D010',
    'an upgrade that the Engine answers by 404 opens no tunnel',
    start(...TCP),
    hijacked('', 404),
    {
      drive: answeredBy(
        ({ socket }) => void socket.write(reply('404 Not Found', '{"message":"No such exec"}\n')),
        EVIL,
      ),
    },
  ),
  attack(
    'D010',
    'early bytes behind a request that is answered 404',
    start(...TCP) + EVIL,
    hijacked('', 404),
    {
      drive: answeredBy(async (connection, head) => {
        await bodyOf(connection, head);
        connection.socket.write(reply('404 Not Found', '{"message":"No such exec"}\n'));
      }),
    },
  ),
  attack(
    'D012',
    'Upgrade without Connection on a hijack is the raw stream of a 200',
    start('Upgrade: tcp'),
    hijacked('', 200),
    { drive: talking(/\r\n\r\nwelcome$/) },
  ),
  attack(
    'D012',
    'upgrades on an ordinary operation',
    {
      'without Connection': http(LIST, 'Upgrade: tcp'),
      both: http(LIST, ...TCP),
      h2c: http(LIST, 'Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
      websocket: http(LIST, ...WEBSOCKET),
      'a protocol nobody knows': http(LIST, 'Connection: keep-alive, Upgrade', 'Upgrade: x/1'),
    },
    forwarded(LIST, 'ContainerList'),
  ),
  attack(
    'D012',
    'an ordinary request with a body and an upgrade is judged with its body',
    json(CREATE, '{"Image":"busybox"}', ...TCP),
    created('{"Image":"busybox"}'),
  ),
  attack(
    'D012',
    'what it asks for is judged under an upgrade too',
    json(CREATE, '{"Image":"busybox","HostConfig":{"Privileged":true}}', ...TCP),
    refused(403, 'privileged', { operation: 'ContainerCreate', checks: ['privileged'] }),
  ),
  attack(
    'D014',
    'a body in chunks under an upgrade, and on a hijack without one',
    {
      'with an upgrade': http(
        'POST /v1.41/exec/abc/start',
        'Content-Type: application/json',
        ...TCP,
        'Transfer-Encoding: chunked',
        '',
        '10\r\n{"Detach":false}\r\n0\r\n\r\n',
      ),
      without: http(
        'POST /v1.41/exec/abc/start',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        '2\r\n{}\r\n0\r\n\r\n',
      ),
    },
    refused(411, 'upgrade-chunked', { operation: 'ExecStart', field: 'transfer-encoding' }),
    { note: '411 and not 400' },
  ),
  attack(
    'D014',
    'a body under an upgrade that is judged and denied',
    json('POST /v1.41/exec/abc/start', '{"Detach":false,"Privileged":true}', ...TCP),
    refused(400, 'body-field-unknown', { operation: 'ExecStart', field: 'Privileged' }),
  ),
  attack(
    'D016',
    'bytes in the segment of the request reach the process, after the 101',
    `${start(...TCP)}early `,
    hijacked('early late'),
    { drive: talking(/welcome$/, 'late') },
  ),
  attack(
    'D016',
    'a request behind an upgrade is a part of its stream',
    start(...TCP) + EVIL,
    hijacked(EVIL),
    { drive: talking(/welcome$/) },
  ),
  attack(
    'D018',
    'attach by a page in a browser',
    http(WS, ...WEBSOCKET, 'Origin: https://evil'),
    refused(403, 'origin-forbidden', { operation: 'ContainerAttachWebsocket', field: 'origin' }),
    {
      note: '403 and not 404',
    },
  ),
  attack(
    'D018',
    'attach is no read, though it is a GET',
    http(WS, ...WEBSOCKET),
    refused(403, 'not-granted', { operation: 'ContainerAttachWebsocket' }),
    { as: 'viewer' },
  ),
  attack(
    'D018',
    'upgrades that may not be made',
    {
      'exec start to h2c': start('Connection: Upgrade', 'Upgrade: h2c'),
    },
    refused(400, 'upgrade-protocol', { operation: 'ExecStart', field: 'upgrade' }),
  ),
  attack(
    'D018',
    'attach to another protocol, or to two',
    {
      websocket: attach('Connection: Upgrade', 'Upgrade: websocket'),
      two: attach('Connection: Upgrade', 'Upgrade: tcp, h2c'),
    },
    refused(400, 'upgrade-protocol', { operation: 'ContainerAttach', field: 'upgrade' }),
  ),
  attack(
    'D018',
    'attach/ws without an upgrade',
    http('GET /v1.41/containers/x/attach/ws'),
    refused(400, 'upgrade-required', { operation: 'ContainerAttachWebsocket', field: 'upgrade' }),
  ),
  attack(
    'D020',
    'BuildKit\u2019s control channel',
    each(['/grpc', '/v1.41/grpc'], (path) => http(`POST ${path}`, 'Connection: Upgrade', 'Upgrade: h2c')),
    refused(403, 'not-granted', { operation: 'Grpc' }),
    { danger: { status: 101 } },
  ),
  attack(
    'D020',
    'BuildKit\u2019s session',
    each(['/session', '/v1.41/session'], (path) =>
      http(`POST ${path}`, 'Connection: Upgrade', 'Upgrade: h2c'),
    ),
    refused(403, 'not-granted', { operation: 'Session' }),
    { danger: { status: 101 } },
  ),
  attack(
    'D020',
    'the same without an upgrade',
    http('POST /v1.41/grpc'),
    refused(400, 'upgrade-required', { operation: 'Grpc' }),
  ),
  attack(
    'D028',
    'the end of the input reaches the Engine, whose last words reach the client',
    start(...TCP),
    hijacked('and out'),
    {
      drive: async (door, bytes, as) => {
        const usual = door.engine.script;
        door.engine.script = async (connection, head) => {
          await bodyOf(connection, head);
          connection.socket.write(
            'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nwelcome',
          );
          await connection.ended();
          connection.socket.end('last words');
        };
        try {
          const all = await talking(/welcome$/, 'and out')(door, bytes, as);
          if (!all.endsWith('welcomelast words')) throw new Error(`the client received ${all}`);
          return all;
        } finally {
          door.engine.script = usual;
        }
      },
    },
  ),
  attack(
    'D028',
    'twenty idle tunnels of one client',
    start(...TCP),
    Array.from({ length: 20 }, () => hijacked()),
    {
      later: { issue: 7, wants: 'a limit on what one principal holds open' },
      drive: async (door, bytes, as) => {
        const clients = await Promise.all(Array.from({ length: 20 }, () => door.connect(as)));
        for (const client of clients) client.write(bytes);
        await Promise.all(clients.map((client) => client.until(/welcome$/)));
        for (const client of clients) client.end();
        const answers = await Promise.all(clients.map((client) => client.closed()));
        return answers.map((answer) => answer.replace(/welcome$/, '')).join('');
      },
    },
  ),
];
