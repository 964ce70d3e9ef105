import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CastHeader } from '../../src/recording/asciicast.ts';
import { listRecordings, pickByPrefix } from '../../src/recording/catalogue.ts';
import { FORMATS, type Format } from '../../src/recording/formats.ts';
import { type CastEvent, readCast } from '../../src/recording/reader.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { digestOf, RecordingFile, recordingName, sessionOfFile } from '../../src/recording/recording-file.ts';

const ID = '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11';
const header: CastHeader = {
  version: 2,
  width: 80,
  height: 24,
  timestamp: 1_700_000_000,
  title: 'alice: exec web',
  quaywarden: {
    session: ID,
    kind: 'exec',
    container: 'c'.repeat(64),
    containerName: 'web',
    command: ['sh'],
    user: '',
    tty: true,
    input: false,
    principal: 'alice',
    tenant: 'team-a',
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync('/tmp/quaywarden-recorder-');
});
afterAll(() => rmSync(folder, { recursive: true }));

let last = 0;
async function begin({ multiplexed = false, most = 0 } = {}) {
  last += 1;
  const name = `${last}.cast`;
  let time = 0;
  const file = await RecordingFile.create(`${folder}/made`, name, most);
  const recorder = await Recorder.begin(file, {
    header,
    multiplexed,
    now: () => {
      time += 250;
      return time;
    },
  });
  return { recorder, path: `${folder}/made/${name}` };
}

async function eventsOf(path: string): Promise<CastEvent[]> {
  const events: CastEvent[] = [];
  for await (const event of (await readCast(path)).events) events.push(event);
  return events;
}

async function exported(path: string, format: Format): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of FORMATS[format](await readCast(path))) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('latin1');
}

function frame(type: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = type;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe('Recorder', () => {
  it('writes asciicast v2: a header, then events with their times', async () => {
    const { recorder, path } = await begin();
    await recorder.output(Buffer.from('$ '));
    await recorder.input(Buffer.from('ls\r'));
    await recorder.resize({ columns: 132, rows: 40 });
    await recorder.output(Buffer.from('a\r\n'));
    const recorded = await recorder.end();
    const text = readFileSync(path, 'utf8');
    expect(text.split('\n').slice(1)).toEqual([
      '[0.250000,"o","$ "]',
      '[0.500000,"i","ls\\r"]',
      '[0.750000,"r","132x40"]',
      '[1.000000,"o","a\\r\\n"]',
      '',
    ]);
    expect(JSON.parse(text.split('\n')[0] ?? '')).toEqual(header);
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(recorded).toEqual({ sha256, bytes: text.length, events: 4, failed: false });
    expect(await digestOf(path)).toEqual({ sha256, bytes: text.length });
  });

  it('has each event in its file when the promise resolves', async () => {
    const { recorder, path } = await begin();
    await recorder.output(Buffer.from('seen'));
    expect(readFileSync(path, 'utf8')).toContain('"seen"');
    await recorder.end();
  });

  it('makes folder and file for its own user only', async () => {
    const { recorder, path } = await begin();
    expect([statSync(path).mode & 0o777, statSync(`${folder}/made`).mode & 0o777]).toEqual([0o600, 0o700]);
    await recorder.discard();
    expect(readdirSync(`${folder}/made`)).not.toContain(path.split('/').at(-1));
  });

  it('tells the streams of a process without a terminal apart', async () => {
    const { recorder, path } = await begin({ multiplexed: true });
    await recorder.output(Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n')]));
    await recorder.end();
    expect((await eventsOf(path)).map(({ code, text }) => [code, text])).toEqual([
      ['o', 'out\n'],
      ['e', 'err\n'],
    ]);
    expect(await exported(path, 'raw')).toBe('out\nerr\n');
    expect(await exported(path, 'asciicast')).toMatch(/"o","out\\n"\]\n\[0.500000,"o","err\\n"\]\n$/);
  });

  it('keeps bytes that are not UTF-8, and joins characters that are cut', async () => {
    const { recorder, path } = await begin();
    const bytes = Buffer.concat([Buffer.from('é'), Buffer.from([0xff, 0x00, 0xc3])]);
    for (const byte of bytes) await recorder.output(Buffer.from([byte]));
    const { events } = await recorder.end();
    expect(readFileSync(path, 'utf8').split('\n').slice(1, -1)).toEqual([
      '[0.250000,"o","é"]',
      '[0.500000,"b","/w=="]',
      '[0.500000,"o","�"]',
      '[0.750000,"o","\\u0000"]',
      '[1.000000,"b","ww=="]',
      '[1.000000,"o","�"]',
    ]);
    expect(events).toBe(6);
    expect(await exported(path, 'raw')).toBe(bytes.toString('latin1'));
  });

  it('rejects what is no frames where frames have to be, and says so at its end', async () => {
    const { recorder } = await begin({ multiplexed: true });
    await expect(recorder.output(Buffer.from('/ # ls\r\n'))).rejects.toThrow(/a frame of the Engine/);
    expect(await recorder.end()).toMatchObject({ failed: true });
  });

  it('rejects what goes beyond the largest size, and all after it', async () => {
    const { recorder, path } = await begin({ most: 1_000 });
    await recorder.output(Buffer.from('x'.repeat(500)));
    await expect(recorder.output(Buffer.from('y'.repeat(500)))).rejects.toThrow(/sessions.maxBytes/);
    await expect(recorder.output(Buffer.from('z'))).rejects.toThrow();
    const { bytes, sha256, failed } = await recorder.end();
    expect({ bytes, sha256 }).toEqual(await digestOf(path));
    expect([failed, bytes <= 1_000, readFileSync(path, 'utf8').includes('z')]).toEqual([true, true, false]);
  });

  it('rejects on a full disk', async () => {
    await expect(
      Recorder.begin(
        {
          append: () => Promise.reject(new Error('ENOSPC')),
          close: () => Promise.reject(new Error('unused')),
          discard: async () => {},
        },
        { header, multiplexed: false },
      ),
    ).rejects.toThrow('ENOSPC');
  });
});

describe('readCast', () => {
  const file = (text: string): string => {
    last += 1;
    writeFileSync(`${folder}/${last}.cast`, text);
    return `${folder}/${last}.cast`;
  };
  const first = JSON.stringify({ version: 2, width: 80, height: 24 });

  it('leaves out a last line that is cut, as of a gateway that was killed', async () => {
    const events = await eventsOf(file(`${first}\n[0.1,"o","a"]\n[0.2,"o","b`));
    expect(events.map(({ text }) => text)).toEqual(['a']);
  });

  it('leaves out events that it does not know', async () => {
    const events = await eventsOf(file(`${first}\n[0.1,"m","mark"]\n[0.2,"o","a"]\n`));
    expect(events.map(({ code }) => code)).toEqual(['o']);
  });

  it.each([
    ['an empty file', '', /line 1 is no header/],
    ['another version', '{"version":3,"term":{}}\n', /line 1 is no header/],
    ['no JSON', 'hello\n', /line 1 is no header/],
    ['a header of a member that is none', `{"version":2,"width":"80","height":24}\n`, /line 1 is no header/],
    ['an event that is none', `${first}\n[0.1,"o","a"]\n{}\n[1,"o","b"]\n`, /line 3 is no event/],
    ['a line without end', `${first}\n${'x'.repeat(1_200_000)}`, /a line is too long/],
  ])('throws on %s', async (_, text, message) => {
    await expect(eventsOf(file(text))).rejects.toThrow(message);
  });
});

describe('listRecordings', () => {
  it('knows its own files by their names, shows those that can not be read, and takes a missing folder for empty', async () => {
    const made = mkdtempSync(`${folder}/list-`);
    writeFileSync(`${made}/${ID}.cast`, `${JSON.stringify(header)}\n`);
    const other = ID.replace('5', '6');
    writeFileSync(`${made}/${other}.cast`, 'garbage');
    writeFileSync(`${made}/\x1b[31mhostile.cast`, `${JSON.stringify(header)}\n`);
    const found = await listRecordings(made);
    expect(found.map(({ id, header: about }) => [id, about?.quaywarden?.principal])).toEqual([
      [other, undefined],
      [ID, 'alice'],
    ]);
    expect(await listRecordings(`${folder}/none`)).toEqual([]);
  });

  it('names files by their session, and nothing else is one', () => {
    expect(sessionOfFile(recordingName(ID))).toBe(ID);
    for (const name of [`${ID}.cast.gz`, `../${ID}.cast`, 'x.cast', `${ID}.CAST`]) {
      expect(sessionOfFile(name)).toBeUndefined();
    }
  });
});

describe('pickByPrefix', () => {
  const ids = ['5b0a1d8e-1', '5b0a1d8e-2', 'c2f6c9b4-1'];

  it('takes a beginning that is clear', () => {
    expect(pickByPrefix(ids, 'c2')).toEqual({ id: 'c2f6c9b4-1' });
    expect(pickByPrefix(ids, '5B0A1D8E-2')).toEqual({ id: '5b0a1d8e-2' });
  });

  it.each([
    ['5b0a', '2 sessions begin with 5b0a; give more of its id'],
    ['ff', 'there is no session ff'],
    ['', 'there is no session '],
  ])('refuses %j', (prefix, fault) => {
    expect(pickByPrefix(ids, prefix)).toEqual({ fault });
  });
});
