import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { shown } from '../../src/cli/session/shown.ts';
import { type CommandResult, freshFolder, quaywarden } from './command.ts';

const ALICES = '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11';
const HOSTILE = '5b0a1d8f-4d0e-4c38-9a53-1f6c2f9f0b11';
const ESCAPE = '\x1b]0;owned\x07\x1b[2J';

let dir: string;
beforeAll(() => {
  dir = freshFolder();
  writeFileSync(`${dir}/quaywarden.yaml`, 'tls: { certificate: a, key: b, clientCa: c }\n');
  mkdirSync(`${dir}/sessions`);
  recording(ALICES, 'alice', [
    '[0.0,"o","\\u001b[1m$ \\u001b[0m"]',
    '[0.1,"e","oops\\n"]',
    '[60.0,"b","/w=="]',
    '[60.0,"o","\\ufffd"]',
  ]);
  recording(HOSTILE, `mallory${ESCAPE}\u202e`, []);
  writeFileSync(`${dir}/sessions/${ESCAPE.replaceAll('/', '')}.cast`, '{}');
});

function recording(id: string, principal: string, events: readonly string[]): void {
  const header = {
    version: 2,
    width: 80,
    height: 24,
    timestamp: 1_700_000_000,
    title: `${principal}: exec web`,
    quaywarden: {
      session: id,
      kind: 'exec',
      container: 'c'.repeat(64),
      containerName: `web${ESCAPE}`,
      command: ['sh', ESCAPE],
      user: '',
      tty: true,
      input: false,
      principal,
      tenant: 'team-a',
    },
  };
  writeFileSync(`${dir}/sessions/${id}.cast`, `${[JSON.stringify(header), ...events].join('\n')}\n`);
}

const session = (command: string, ...args: string[]): Promise<CommandResult> =>
  quaywarden(['session', command, ...args, '--config', `${dir}/quaywarden.yaml`]);

describe('quaywarden session', () => {
  it('list shows recordings, and nothing in them steers the terminal', async () => {
    const { code, stdout, stderr } = await session('list');
    expect([code, stderr]).toEqual([0, 'quaywarden: the gateway does not run: only recordings are shown\n']);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toMatch(/^5b0a1d8e-4d0\S* +ended +exec +alice +web\\u001b/m);
  });

  it('play writes what was recorded, exactly, each stream to its own, with pauses of at most the limit', async () => {
    const begun = performance.now();
    const { code, stdout, stderr } = await session('play', '5b0a1d8e', '--idle-limit', '0.2');
    expect([code, stdout, stderr]).toEqual([0, '\x1b[1m$ \x1b[0m\ufffd', 'oops\n']);
    expect(performance.now() - begun).toBeLessThan(40_000);
  });

  it('export makes plain asciicast, into a file for its own user only', async () => {
    const output = `${dir}/out.cast`;
    writeFileSync(output, 'before');
    chmodSync(output, 0o600);
    expect(await session('export', '5b0a1d8e', '--output', output)).toMatchObject({ code: 0, stdout: '' });
    const [head = '', ...events] = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(head)).not.toHaveProperty('quaywarden');
    expect(events.map((line) => (JSON.parse(line) as unknown[])[1])).toEqual(['o', 'o', 'o']);
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['an id that is not clear', ['play', '5b0a'], /2 sessions begin with 5b0a; give more of its id/],
    ['an id that is none', ['export', `ff${ESCAPE}`], /there is no session ff\\u001b\]0;owned/],
    [
      'the end of a session without a gateway',
      ['end', '5b0a1d8e'],
      /no gateway listens on .*quaywarden\.sock/,
    ],
  ])('refuses %s', async (_, [command = '', ...args], message) => {
    const { code, stderr } = await session(command, ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

it('shown keeps text on its line and lets nothing through that steers a terminal', () => {
  expect(shown('a\x1b[31m\n\u009b\u202eé€')).toBe('a\\u001b[31m\\u000a\\u009b\\u202eé€');
});
