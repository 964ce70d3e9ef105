import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '../clients/run.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { endings, soon, tell, unfinished, zeros } from './client.ts';
import { connectionsOf, forgetPeak, memoryOf, peakOf, report } from './meter.ts';

const SIZE = 300_000_000;
const PATH = '/v1.41/containers/no-such/archive?path=/';
const TAR = { 'Content-Type': 'application/x-tar' };

describe('an answer that comes while the client is still sending', () => {
  const { socket } = inject('engine');
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: socket });
  });

  afterAll(async () => {
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it.each([
    { kind: 'chunked', headers: TAR },
    { kind: 'with a length', headers: { ...TAR, 'Content-Length': SIZE } },
  ])('reaches a client of Node that uploads 300 MB, $kind', async ({ headers }) => {
    const before = memoryOf(gateway.pid);
    forgetPeak(gateway.pid);
    const started = performance.now();
    const told = await tell(gateway, { method: 'PUT', path: PATH, headers, body: zeros(SIZE) });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    expect(told).toMatchObject({
      status: 404,
      body: '{"message":"No such container: no-such"}\n',
      whole: true,
    });
    report(
      `404 read in ${seconds} s while uploading 300 MB; RSS ${before} MB before, peak ${peakOf(gateway.pid)} MB`,
    );
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
  });

  it.each([
    { how: 'after 100 Continue', args: [] },
    { how: 'without waiting', args: ['-H', 'Expect:'] },
  ])('reaches curl, $how', async ({ args }) => {
    const certs = gateway.certPath('admin');
    const { stdout, code, stderr } = await run(
      '/usr/bin/curl',
      ['-sS', '--cacert', `${certs}/ca.pem`, '--cert', `${certs}/cert.pem`, '--key', `${certs}/key.pem`]
        .concat(['-H', 'Content-Type: application/x-tar', '-T', '-', '-w', ' %{http_code}', ...args])
        .concat([`https://127.0.0.1:${gateway.port}${PATH}`]),
      { input: zeros(SIZE) },
    );
    expect({ stdout, code, stderr }).toEqual({
      stdout: '{"message":"No such container: no-such"}\n 404',
      code: 0,
      stderr: '',
    });
  });

  it('reaches a viewer who may not upload, and one whose JSON is too large', async () => {
    const denied = await tell(gateway, {
      method: 'PUT',
      path: PATH,
      headers: TAR,
      body: zeros(SIZE),
      as: 'viewer',
    });
    expect(denied.status).toBe(403);
    expect(JSON.parse(denied.body)).toEqual({
      message: expect.stringMatching(
        /^quaywarden: viewer \(role viewer\) may not do PutContainerArchive .* \[not-granted\]$/,
      ),
    });
    const large = await tell(gateway, {
      method: 'POST',
      path: '/v1.41/containers/create',
      headers: { 'Content-Type': 'application/json' },
      body: zeros(SIZE),
    });
    expect([large.status, large.body]).toEqual([413, expect.stringContaining('[body-too-large]')]);
    await soon(() => endings(gateway, 'ContainerCreate').at(-1)).toBe('413 finished');
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
  });
});
