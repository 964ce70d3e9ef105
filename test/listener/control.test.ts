import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { type ControlRoute, listenControl } from '../../src/listener/control.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync('/tmp/quaywarden-control-');
});
afterAll(() => rmSync(folder, { recursive: true }));

const routes: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: /^\/v1\/things\/(\w+)$/,
    answer: (name) => (name === 'none' ? undefined : { name }),
  },
  { method: 'DELETE', path: /^\/v1\/things$/, answer: () => Promise.reject(new Error('broken')) },
];

function ask(socketPath: string, method: string, path: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part.toString();
      });
      answer.on('end', () => resolve([answer.statusCode ?? 0, text.trim()]));
    });
    sent.on('error', reject).end();
  });
}

describe('listenControl', () => {
  it('answers by its routes, on a socket for its own user only', async () => {
    const path = `${folder}/a.sock`;
    const control = await listenControl(path, routes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ask(path, 'GET', '/v1/things/x')).toEqual([200, '{"name":"x"}']);
    expect((await ask(path, 'GET', '/v1/things/none'))[0]).toBe(404);
    expect((await ask(path, 'POST', '/v1/things/x'))[0]).toBe(404);
    expect(await ask(path, 'DELETE', '/v1/things')).toEqual([500, '{"message":"broken"}']);
    await control.close();
    expect(() => statSync(path)).toThrow();
  });

  it('takes the place of a socket that a killed gateway left behind, and not of one that is in use', async () => {
    const path = `${folder}/b.sock`;
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => killed.stdout.once('data', resolve));
    await expect(listenControl(path, routes)).rejects.toThrow(/another gateway listens/);
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.once('exit', resolve));
    const control = await listenControl(path, routes);
    expect(await ask(path, 'GET', '/v1/things/x')).toEqual([200, '{"name":"x"}']);
    await expect(listenControl(path, routes)).rejects.toThrow(ConfigError);
    await control.close();
  });

  it('names what is wrong with its path', async () => {
    writeFileSync(`${folder}/file`, '');
    await expect(listenControl(`${folder}/file`, routes)).rejects.toThrow(/is there and no socket/);
    await expect(listenControl(`${folder}/none/c.sock`, routes)).rejects.toThrow(/its folder must be there/);
    const long = `${folder}/${'x'.repeat(108 - folder.length - 1)}`;
    await expect(listenControl(long, routes)).rejects.toThrow(/has 108 bytes.*at most 107/);
    const longest = await listenControl(long.slice(0, -1), routes);
    await longest.close();
  });
});
