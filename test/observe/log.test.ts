import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs one statement with a log of this level in a process of its own, and reads its standard error. */
function logged(level: string, statement: string): Record<string, unknown>[] {
  const script = `import { createLog } from '${new URL('../../src/observe/log.ts', import.meta.url).pathname}';
const log = createLog('${level}');
${statement}`;
  const { stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { encoding: 'utf8', cwd: new URL('../..', import.meta.url).pathname },
  );
  expect(stdout).toBe('');
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('is JSON lines on standard error, from its level on', () => {
    const lines = logged('warn', `log.info('less'); log.warn({ socket: '/x' }, 'more');`);
    expect(lines).toEqual([{ level: 40, time: expect.any(String), socket: '/x', msg: 'more' }]);
  });

  it('shows no header that carries a secret', () => {
    const lines = logged(
      'info',
      `const headers = { authorization: 's3cret', cookie: 's3cret', 'x-registry-auth': 's3cret', 'x-registry-config': 's3cret', host: 'h' };
log.info({ headers }, 'a'); log.info({ req: { headers } }, 'b'); log.info(headers, 'c');`,
    );
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
    expect(lines[0]?.['headers']).toMatchObject({ authorization: '[redacted]', host: 'h' });
  });

  it('keeps of an error its name, message, code and causes, and nothing that hangs on it', () => {
    const [line] = logged(
      'info',
      `const cause = Object.assign(new TypeError('inner'), { payload: { sub: 's3cret' } });
const err = Object.assign(new Error('outer', { cause }), { code: 'ECODE', rawPacket: Buffer.from('s3cret') });
log.error({ err }, 'failed');`,
    );
    expect(line).toMatchObject({
      msg: 'failed',
      err: { type: 'Error', message: 'outer', code: 'ECODE', cause: { type: 'TypeError', message: 'inner' } },
    });
    expect(JSON.stringify(line)).not.toContain('s3cret');
    expect(JSON.stringify(line)).not.toMatch(/payload|rawPacket/);
  });

  it('says of what was thrown and is no error only what type it has', () => {
    const [line] = logged('info', `log.error({ err: 's3cret' }, 'failed');`);
    expect(line?.['err']).toEqual({ type: 'string' });
  });
});
