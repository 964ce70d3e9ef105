import { describe, expect, it } from 'vitest';
import { CREATE, found } from './found.ts';

describe('what restricted wants said', () => {
  const SAID = {
    Image: 'x',
    User: '1000',
    HostConfig: { CapDrop: ['ALL'], CapAdd: ['NET_BIND_SERVICE'], SecurityOpt: ['no-new-privileges'] },
  };

  it('is all that a container needs to say', () => {
    expect(found('restricted', CREATE, SAID)).toEqual([]);
  });

  it.each([
    [
      'E031',
      'no-new-privileges',
      { HostConfig: { CapDrop: ['ALL'] } },
      ['no-new-privileges: HostConfig.SecurityOpt'],
    ],
    [
      'E027',
      'the drop of all capabilities',
      { HostConfig: { SecurityOpt: ['no-new-privileges'], CapDrop: ['CAP_ALL'] } },
      ['drop-all-capabilities: HostConfig.CapDrop'],
    ],
    ['E049', 'a user', { User: '' }, ['run-as-non-root: User']],
    ['E049', 'a user that is not root', { User: '+0:1000' }, ['run-as-non-root: User']],
  ])('%s: is missed without %s', (_, __, body, expected) => {
    expect(found('restricted', CREATE, { ...SAID, ...body })).toEqual(expected);
  });

  it('E049: does not go with a group of the host', () => {
    const HostConfig = { ...SAID.HostConfig, GroupAdd: ['docker'] };
    expect(found('restricted', CREATE, { ...SAID, HostConfig })).toEqual(['group: HostConfig.GroupAdd[0]']);
  });

  it('E053: is a user for an exec', () => {
    const line = 'POST /v1.41/containers/alicec/exec';
    expect(found('restricted', line, { Cmd: ['sh'], User: '0' })).toEqual(['run-as-non-root: User']);
    expect(found('restricted', line, { Cmd: ['sh'] })).toEqual(['run-as-non-root: User']);
    expect(found('restricted', line, { Cmd: ['sh'], User: '1000' })).toEqual([]);
  });

  it('cannot be said by a build', () => {
    expect(found('restricted', 'POST /v1.41/build?t=x')).toEqual(['unconfined-build: Dockerfile']);
  });
});
