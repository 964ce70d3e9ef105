import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { endOf, LogReader, type Position, type ReaderOptions } from '../../src/audit/reader.ts';
import { segmentFile } from '../../src/audit/segments.ts';
import { linesOf, SampleLog, sample } from '../support/sample-log.ts';

const folders: string[] = [];
const readers: LogReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function freshLog(): SampleLog {
  const folder = mkdtempSync('/tmp/quaywarden-read-');
  folders.push(folder);
  return new SampleLog(folder);
}

function read(folder: string, from?: Position, options?: ReaderOptions): LogReader {
  const reader = new LogReader(folder, from, options);
  readers.push(reader);
  return reader;
}

async function all(reader: LogReader, most = { lines: 7, bytes: 65_536 }): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const lines = await reader.read(most);
    if (lines.length === 0) return texts;
    expect(lines.length).toBeLessThanOrEqual(most.lines);
    texts.push(...lines.map(({ bytes }) => bytes.toString('latin1')));
  }
}

describe('a reader', () => {
  it('gives the lines of all files in order, whatever is asked for at once', async () => {
    const log = freshLog();
    for (let file = 0; file < 3; file += 1) {
      for (let i = 0; i < 20; i += 1) log.append(sample({ id: `${file}-${i}` }));
      log.nextSegment();
    }
    for (const most of [
      { lines: 1, bytes: 1 },
      { lines: 7, bytes: 4_096 },
      { lines: 10_000, bytes: 10_000_000 },
    ])
      expect(await all(read(log.folder, undefined, { checked: true }), most)).toEqual(linesOf(log.folder));
  });

  it('reads lines that are longer than what it reads at once', async () => {
    const log = freshLog();
    log.append(sample({ body: 'x'.repeat(600_000) }), sample());
    expect(await all(read(log.folder))).toEqual(linesOf(log.folder));
  });

  it('goes on at any line', async () => {
    const log = freshLog();
    log.append(sample(), sample());
    log.nextSegment();
    log.append(sample());
    const reader = read(log.folder);
    const want = linesOf(log.folder);
    for (let line = 1; line < want.length; line += 1) {
      await reader.read({ lines: 1, bytes: 65_536 });
      expect(await all(read(log.folder, reader.position, { checked: true }))).toEqual(want.slice(line));
    }
  });

  it('takes the end of a line that is not finished for no line, until it is', async () => {
    const log = freshLog();
    const [line = ''] = log.append(sample());
    const size = linesOf(log.folder).join('\n').length + 1;
    truncateSync(segmentFile(log.folder, 1), size - 10);
    const reader = read(log.folder, undefined, { follow: true });
    expect(await all(reader)).toEqual([]);
    await reader.wait();
    expect(await all(reader)).toHaveLength(1);
    await reader.wait();
    expect(await all(reader)).toEqual([]);
    appendFileSync(segmentFile(log.folder, 1), line.slice(-10));
    await reader.wait();
    await reader.wait();
    expect(await all(reader)).toEqual([line.trimEnd()]);
  });

  it('leaves out a torn end when the next file has begun', async () => {
    const log = freshLog();
    log.append(sample());
    log.tear('{"schema":2,"time":"20');
    const want = linesOf(log.folder);
    log.nextSegment();
    // The seal that the next file begins with hangs on the torn end; what is behind it is read all the same.
    expect((await all(read(log.folder))).slice(0, want.length)).toEqual(want);
  });

  it('follows into files that begin while it reads, and misses no line at the end of the one before', async () => {
    const log = freshLog();
    const reader = read(log.folder, undefined, { follow: true, checked: true });
    const got: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      log.append(sample());
      if (round % 2 === 1) log.nextSegment();
      got.push(...(await all(reader)));
      if (round % 3 === 0) await reader.wait();
    }
    reader.final();
    got.push(...(await all(reader)));
    expect(got).toEqual(linesOf(log.folder));
  });

  it('does not give what a writer takes back at once', async () => {
    const log = freshLog();
    const reader = read(log.folder, undefined, { follow: true });
    await all(reader);
    await reader.wait();
    expect(await all(reader)).toHaveLength(1);
    const before = linesOf(log.folder).join('\n').length + 1;
    log.append(sample());
    expect(await all(reader)).toEqual([]);
    truncateSync(segmentFile(log.folder, 1), before);
    await reader.wait();
    await reader.wait();
    expect(await all(reader)).toEqual([]);
  });

  it.each([
    ['changed in number', (text: string) => text.replace('"sequence":3,', '"sequence":4,'), /has sequence 4/],
    ['no line', () => 'hello', /is no line of an audit log/],
  ])('that checks stops at a line that is %s, having given those before', async (_, change, sentence) => {
    const log = freshLog();
    log.append(sample(), sample(), sample());
    const lines = linesOf(log.folder);
    const changed = lines.map((line, index) => (index === 2 ? change(line) : line));
    writeFileSync(segmentFile(log.folder, 1), `${changed.join('\n')}\n`, 'latin1');
    const reader = read(log.folder, undefined, { checked: true });
    expect(await reader.read({ lines: 10, bytes: 65_536 })).toHaveLength(2);
    await expect(reader.read({ lines: 10, bytes: 65_536 })).rejects.toThrow(sentence);
    expect(await all(read(log.folder))).toEqual(changed);
  });

  it('knows where a log ends', async () => {
    const log = freshLog();
    log.append(sample());
    log.tear('{"schema":2');
    expect(await endOf(log.folder)).toMatchObject({ segment: 1, ...log.head });
    const empty = mkdtempSync('/tmp/quaywarden-read-');
    folders.push(empty);
    expect(await endOf(empty)).toBeUndefined();
    expect(await all(read(empty))).toEqual([]);
  });
});
