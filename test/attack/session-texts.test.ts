import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { headerLine } from '../../src/recording/asciicast.ts';
import { readCastHeader } from '../../src/recording/reader.ts';
import { type Subject, subjectOf } from '../../src/recording/subject.ts';

const CONTAINER = 'c'.repeat(64);

async function execOf(process: object): Promise<Subject | undefined> {
  const api = parseRequest(
    { method: 'POST', target: '/v1.51/exec/x/start' },
    { floor: 24, ceiling: 56, engine: 51 },
  );
  const payload = { kind: 'json' as const, content: readContent(api, Buffer.from('{}')) };
  const inspect = async () => ({ ContainerID: CONTAINER, ProcessConfig: { tty: false, ...process } });
  return subjectOf({ api, payload }, inspect, false);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync('/tmp/quaywarden-attack-');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what a client says of a session is not longer in its records than a command line', () => {
  it.each([
    ['a million empty words', { entrypoint: '', arguments: Array(1_000_000).fill('') }],
    ['a user of four million characters', { entrypoint: 'sh', user: 'ü'.repeat(4_000_000) }],
    [
      'control characters and empty words',
      { entrypoint: '\x01'.repeat(32_000), arguments: Array(200_000).fill('') },
    ],
  ])('%s', async (_, process) => {
    const { command, user } = (await execOf(process)) as Subject;
    expect(JSON.stringify({ command, user }).length).toBeLessThan(300_000);
  });

  it('so that the recording of it can be read', async () => {
    // The kernel takes these words: 200,000 pointers and their zeros are below its two MiB.
    const { command } = (await execOf({
      entrypoint: 'true',
      arguments: ['\x01'.repeat(32_000), ...Array(170_000).fill('')],
    })) as Subject;
    const about = {
      session: 'x',
      kind: 'exec',
      container: CONTAINER,
      containerName: null,
      user: '',
    } as const;
    const who = { tty: false, input: false, principal: 'mallory', tenant: 'team-a' };
    const line = headerLine({
      version: 2,
      width: 80,
      height: 24,
      command: (command ?? []).join(' '),
      quaywarden: { ...about, ...who, command: [...(command ?? [])] },
    });
    writeFileSync(`${folder}/x.cast`, line);
    await expect(readCastHeader(`${folder}/x.cast`)).resolves.toMatchObject({ version: 2 });
  });
});
