import { expect, it } from 'vitest';
import { capsWithin } from '../../../src/policy/functions/caps-within.ts';
import { devicesWithin } from '../../../src/policy/functions/devices-within.ts';
import { usersWithin } from '../../../src/policy/functions/users-within.ts';
import { VOCABULARY } from '../support.ts';
import { describeFunction } from './support.ts';

const capabilities = (...names: string[]) => ({
  added: names.map((name, index) => ({ field: `HostConfig.CapAdd[${index}]`, name })),
  dropped: ['ALL'],
});
const privileged = [{ field: 'HostConfig.Privileged' }];
const device = (value: string, kind: 'device' | 'cgroup-rule' | 'request' = 'device') => ({
  field: 'Devices',
  kind,
  value,
});
const user = (value: string, root: boolean | null) => ({ field: 'User', value, root });

describeFunction(capsWithin, {
  cases: {
    'takes what is named, in any spelling': [
      ['net_bind_service', 'CAP_CHOWN'],
      { capabilities: capabilities('NET_BIND_SERVICE', 'CHOWN') },
    ],
    'takes no other': [
      ['CHOWN'],
      { capabilities: capabilities('CHOWN', 'SYS_ADMIN') },
      'HostConfig.CapAdd[1] adds the capability "SYS_ADMIN"',
    ],
    'takes ALL by name only': [
      ['CHOWN'],
      { capabilities: capabilities('ALL') },
      'HostConfig.CapAdd[0] adds the capability "ALL"',
    ],
    'takes privileged for all': [['CHOWN'], { privileged }, 'HostConfig.Privileged gives every capability'],
    'takes all by name': [['ALL'], { capabilities: capabilities('ALL'), privileged }],
    'is met without any': [['CHOWN'], { capabilities: capabilities() }],
  },
  faults: [
    [['CHOWN', '*'], '"*" is no capability'],
    [[''], '"" is no capability'],
    [['1CHOWN'], '"1CHOWN" is no capability'],
    [['CHOWN!'], '"CHOWN!" is no capability'],
  ],
});

describeFunction(devicesWithin, {
  cases: {
    'takes paths that match': [
      ['/dev/fuse', '/dev/dri/*'],
      { devices: [device('/dev/fuse'), device('/dev/dri/card0')] },
    ],
    'takes no other': [
      ['/dev/dri/*'],
      { devices: [device('/dev/sda')] },
      'Devices asks for the device "/dev/sda"',
    ],
    'takes neither rules nor requests': [
      ['/**'],
      { devices: [device('/dev/x', 'cgroup-rule'), device('/nvidia', 'request')] },
      'Devices asks for the device "/dev/x"',
      'Devices asks for the device "/nvidia"',
    ],
    'takes privileged for all': [
      ['/dev/**'],
      { privileged },
      'HostConfig.Privileged gives every device of the host',
    ],
    'is met without any': [['/dev/fuse'], {}],
  },
  faults: [[['fuse'], '"fuse" is no absolute path']],
});

describeFunction(usersWithin, {
  cases: {
    'takes a user that matches': [['1000', '1000:*'], { runs: 'container', user: user('1000:50', false) }],
    'takes no other': [['1000'], { runs: 'container', user: user('0', true) }, 'User runs as "0"'],
    'takes a text and not a number': [
      ['1000'],
      { runs: 'container', user: user('01000', false) },
      'User runs as "01000"',
    ],
    'wants to know the user': [
      ['**'],
      { runs: 'service' },
      '? TaskTemplate.ContainerSpec.User leaves open who the process runs as',
    ],
    'wants to know the user of an image too': [
      ['**'],
      { runs: 'container', user: user('', null) },
      '? User leaves open who the process runs as',
    ],
    'minds a user that is named where nothing runs': [
      ['1000'],
      { user: user('0', true) },
      'User runs as "0"',
    ],
    'is met where nothing runs': [['1000'], {}],
  },
});

it('usersWithin wants the user of an image to be known', () => {
  expect(usersWithin.prepare(['1000'], VOCABULARY)).toMatchObject({ needs: ['imageUser'] });
});
