import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Connections } from '../../src/upstream/connections.ts';
import { connectUnix } from '../../src/upstream/unix-connection.ts';

async function run(pieces: string[], gap = 20) {
  const dir = mkdtempSync('/tmp/qw-rev-');
  const path = `${dir}/s`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async () => {
      for (const p of pieces) {
        socket.write(p);
        await sleep(gap);
      }
    });
  });
  await new Promise<void>((r) => server.listen(path, r));
  const connections = new Connections(() => connectUnix(path));
  let got = '';
  const how = await Promise.race([
    sleep(2000).then(() => 'HANG'),
    new Promise<string>((resolve) => {
      connections.sendAlone({
        method: 'GET', bytes: 'GET / HTTP/1.1\r\n\r\n', wantsRaw: true,
        onHead: () => {}, onBody: () => resolve('body'), onError: (e) => resolve(String(e)),
        onRaw: (b: Buffer, _l: number, release?: () => void) => { got += b.toString('latin1'); if (release) setImmediate(release); },
        onEnd: () => resolve('end'),
      });
    }),
  ]);
  connections.close(); server.close(); rmSync(dir, { recursive: true });
  return [how, got];
}
const H = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
it.each([
  ['size split', [H, '3\r\nabc\r\n', '1', '0\r\n0123456789abcdef\r\n', '0\r\n\r\n']],
  ['chunk end split', [H, '3\r\nabc\r', '\n', '3\r\ndef', '\r', '\n0\r\n\r\n']],
  ['last chunk split', [H, '3\r\nabc\r\n', '0\r\n', '\r\n']],
  ['trailers split', [H, '3\r\nabc\r\n0\r\n', 'X-Sum: 1\r\n', '\r\n']],
  ['whole', [H, '3\r\nabc\r\n', '0\r\n\r\n']],
])('%s', async (_n, pieces) => {
  expect((await run(pieces as string[]))[0]).toBe('end');
});
