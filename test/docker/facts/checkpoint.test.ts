import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const create = (body: object) => ask('POST /v1.41/containers/web/checkpoints', body).hostPaths;

describe('a checkpoint', () => {
  it('G015: is written into a directory of the host', () => {
    expect(create({ CheckpointID: 'c1', CheckpointDir: '/etc/x/../cron.d' })).toEqual([
      { field: 'CheckpointDir', path: '/etc/cron.d', mode: 'rw', via: 'checkpoint' },
    ]);
  });

  it.each([
    ['GET /v1.41/containers/web/checkpoints?dir=/root', 'query dir'],
    ['DELETE /v1.41/containers/web/checkpoints/c1?dir=/root', 'query dir'],
    ['POST /v1.41/containers/web/start?checkpoint=c1&checkpoint-dir=/root', 'query checkpoint-dir'],
  ])('G015: %s reaches a directory of the host', (line, field) => {
    expect(ask(line).hostPaths).toEqual([{ field, path: '/root', mode: 'rw', via: 'checkpoint' }]);
  });

  it.each([
    'GET /v1.41/containers/web/checkpoints',
    'GET /v1.41/containers/web/checkpoints?dir=',
    'DELETE /v1.41/containers/web/checkpoints/c1',
    'POST /v1.41/containers/web/start?checkpoint=c.1_-',
    'POST /v1.41/containers/web/start',
  ])("%s stays in the Engine's own directory", (line) => {
    expect(ask(line).hostPaths).toEqual([]);
  });

  it('whose directory is not absolute may be anywhere', () => {
    expect(create({ CheckpointDir: 'x' })).toMatchObject([{ path: null }]);
  });

  it.each(['../x', '..', '/x', '.x', 'x y', '-x', 'x\n'])(
    'whose name is %j may be anywhere',
    (CheckpointID) => {
      expect(create({ CheckpointID })).toEqual([
        { field: 'CheckpointID', path: null, mode: 'rw', via: 'checkpoint' },
      ]);
    },
  );

  it('that is deleted by such a name may be anywhere', () => {
    expect(ask('DELETE /v1.41/containers/web/checkpoints/.x').hostPaths).toMatchObject([
      { field: 'path checkpoint', path: null },
    ]);
  });

  it('that is restored by such a name may come from anywhere', () => {
    expect(ask('POST /v1.41/containers/web/start?checkpoint=..%2Fx').hostPaths).toMatchObject([
      { field: 'query checkpoint', path: null },
    ]);
  });
});
