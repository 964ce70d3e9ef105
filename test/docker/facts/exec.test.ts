import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { ask } from './ask.ts';

const exec = (body: object) => ask('POST /v1.41/containers/web/exec', body);

describe('an exec', () => {
  it('runs a command, as the user of the container', () => {
    expect(exec({ Cmd: ['sh', '-c', 'id'] })).toEqual({
      ...NO_FACTS,
      runs: 'exec',
      command: ['sh', '-c', 'id'],
      user: { field: 'User', value: '', root: null },
    });
  });

  it('E053: may be privileged, run as root, and start in a directory of the host', () => {
    const body = {
      Cmd: ['sh'],
      Privileged: true,
      User: '0',
      Env: ['A=s3cret'],
      WorkingDir: '/proc/self/fd/8',
    };
    expect(exec(body)).toMatchObject({
      privileged: [{ field: 'Privileged' }],
      user: { field: 'User', value: '0', root: true },
      environment: ['A'],
      hostPaths: [{ field: 'WorkingDir', path: null, via: 'working-dir' }],
    });
  });

  it('is given no devices by variables', () => {
    expect(exec({ Env: ['NVIDIA_VISIBLE_DEVICES=all'] }).devices).toEqual([]);
  });

  it('of nothing runs nothing', () => {
    expect(exec({}).command).toEqual([]);
  });

  it('that is not privileged is not', () => {
    expect(exec({ Privileged: false }).privileged).toEqual([]);
  });

  it('that is started asks for nothing more', () => {
    expect(ask('POST /v1.41/exec/cafe/start', { Detach: false, Tty: true })).toEqual(NO_FACTS);
  });
});
