import { describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';
import type { Judged } from '../../src/exchange.ts';
import { subjectOf } from '../../src/recording/subject.ts';

const CONTAINER = 'c'.repeat(64);
const EXEC = {
  ID: 'x',
  ContainerID: CONTAINER,
  ProcessConfig: { tty: true, entrypoint: 'sh', arguments: ['-c', 'id'], privileged: false, user: 'app' },
};
const INSPECTED = {
  Id: CONTAINER,
  Name: '/web',
  Path: 'nginx',
  Args: ['-g', 'daemon off;'],
  Config: { Tty: false, User: '', Env: ['PASSWORD=secret'] },
  HostConfig: { ConsoleSize: [50, 160] },
};

/** Asks about a request of an Engine that has these objects; also tells what it was asked. */
async function ask(line: string, body: string, objects: Record<string, object>, isRecorded: boolean) {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 51 });
  const payload: Judged['payload'] =
    body === '' ? { kind: 'none' } : { kind: 'json', content: readContent(api, Buffer.from(body)) };
  const asked: string[] = [];
  const inspect = async (path: string) => {
    asked.push(path);
    return objects[path] as Record<string, unknown> | undefined;
  };
  return { subject: await subjectOf({ api, payload }, inspect, isRecorded), asked };
}

const start = (body: string, isRecorded = false, exec: object = EXEC) =>
  ask(
    'POST /v1.51/exec/x/start',
    body,
    { '/exec/x/json': exec, [`/containers/${CONTAINER}/json`]: INSPECTED },
    isRecorded,
  );

describe('what an exec leads into', () => {
  it('is its container, command line and user, by one question', async () => {
    const { subject, asked } = await start('{"Tty":true}');
    expect(asked).toEqual(['/exec/x/json']);
    expect(subject).toMatchObject({
      kind: 'exec',
      exec: 'x',
      container: CONTAINER,
      containerName: null,
      command: ['sh', '-c', 'id'],
      user: 'app',
      tty: true,
      multiplexed: false,
      size: undefined,
    });
  });

  it('is told with the name of the container when it is recorded', async () => {
    const { subject, asked } = await start('{"Tty":true,"ConsoleSize":[40,132]}', true);
    expect(asked).toHaveLength(2);
    expect(subject).toMatchObject({ containerName: 'web', size: { columns: 132, rows: 40 } });
    expect(JSON.stringify(subject)).not.toContain('secret');
  });

  it('comes in frames as the start says, whatever the exec was made with', async () => {
    expect((await start('{}')).subject?.multiplexed).toBe(true);
    expect((await start('{"Tty":false}')).subject?.multiplexed).toBe(true);
  });

  it('is nothing when the Engine knows no such exec', async () => {
    expect((await ask('POST /v1.51/exec/x/start', '{}', {}, true)).subject).toBeUndefined();
  });

  it.each([
    ['nothing', {}],
    ['no id of a container', { ...EXEC, ContainerID: '../../x' }],
    ['no command', { ...EXEC, ProcessConfig: { tty: true } }],
    ['no tty', { ...EXEC, ProcessConfig: { entrypoint: 'sh' } }],
  ])('can not be told by an answer with %s', async (_, exec) => {
    await expect(start('{}', true, exec)).rejects.toMatchObject({ status: 502, reason: 'engine-garbled' });
  });

  it('has a long command line cut, which it says', async () => {
    const ProcessConfig = { ...EXEC.ProcessConfig, arguments: ['x'.repeat(40_000), 'y'] };
    const { subject } = await start('{}', false, { ...EXEC, ProcessConfig });
    expect(subject?.command?.at(-1)).toBe('[too long to be shown whole]');
    expect(JSON.stringify(subject?.command).length).toBeLessThan(33_000);
  });
});

describe('what an attach leads into', () => {
  const attach = (isRecorded: boolean, objects: Record<string, object>) =>
    ask('POST /v1.51/containers/web/attach?stream=1', '', objects, isRecorded);

  it('costs no question when it is not recorded', async () => {
    const { subject, asked } = await attach(false, {});
    expect(asked).toEqual([]);
    expect(subject).toMatchObject({ kind: 'attach', container: null, tty: null });
  });

  it('is its container and what that runs when it is recorded', async () => {
    const { subject } = await attach(true, { '/containers/web/json': INSPECTED });
    expect(subject).toMatchObject({
      kind: 'attach',
      container: CONTAINER,
      containerName: 'web',
      command: ['nginx', '-g', 'daemon off;'],
      tty: false,
      multiplexed: true,
      size: { columns: 160, rows: 50 },
    });
    expect(JSON.stringify(subject)).not.toContain('secret');
    expect((await attach(true, {})).subject).toBeUndefined();
  });
});

it('a stream of a build leads into no container', async () => {
  const { subject, asked } = await ask('POST /v1.51/session', '', {}, false);
  expect([subject?.kind, subject?.container, asked]).toEqual(['build', null, []]);
});
