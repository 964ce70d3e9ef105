import { json, plainly } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import { attack, create, created, each, forbidden, forwarded, host, untold } from '../corpus/write.ts';

/** Section E: what is asked for once a container stands, and what an image brings with it. */

const UPDATE = 'POST /v1.41/containers/alicec/update';
const EXEC = 'POST /v1.41/containers/alicec/exec';
const update = (body: object): string => json(UPDATE, JSON.stringify(body));
const exec = (body: object): string => json(EXEC, JSON.stringify(body));
const kept = (HostConfig: object) => created({ Image: 'busybox', HostConfig });
const ran = (body: object) => forwarded(EXEC, 'ContainerExec', JSON.stringify(body));

export const E_LATER: readonly Case[] = [
  attack(
    'E047',
    'a container that comes back: per policy',
    each(['always', 'unless-stopped', 'on-failure'], (Name) => host({ RestartPolicy: { Name } })).map(
      (attempt) => ({
        ...attempt,
        received: kept({ RestartPolicy: { Name: attempt.name } }).received,
      }),
    ),
    kept({}),
    { note: 'per policy: baseline says nothing of restarts; a grant may speak of r.facts.restart' },
  ),
  attack(
    'E051',
    'limits and devices by an update',
    update({ DeviceCgroupRules: ['a *:* rwm'], Memory: 0, PidsLimit: 0, RestartPolicy: { Name: 'always' } }),
    forbidden('ContainerUpdate', 'device', 'lifted-limit'),
  ),
  attack(
    'E051',
    'devices by an update',
    each(
      [
        { DeviceCgroupRules: ['c *:* m'] },
        { Devices: [{ PathOnHost: '/dev/sda' }] },
        { DeviceRequests: [{ Driver: 'nvidia' }] },
        { BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1 }] },
      ],
      (value) => update(value),
    ),
    forbidden('ContainerUpdate', 'device'),
  ),
  attack(
    'E051',
    'limits lifted by an update',
    each([{ PidsLimit: 0 }, { PidsLimit: -1 }, { MemorySwap: -1 }, { CpuQuota: -1 }], (value) =>
      update(value),
    ),
    forbidden('ContainerUpdate', 'lifted-limit'),
  ),
  attack(
    'E051',
    'a parent cgroup by an update',
    update({ CgroupParent: '/' }),
    forbidden('ContainerUpdate', 'cgroup-parent'),
  ),
  attack(
    'E051',
    'other limits by an update',
    update({ Memory: 16777216, MemorySwap: 16777216, RestartPolicy: { Name: 'no' } }),
    forwarded(
      UPDATE,
      'ContainerUpdate',
      '{"Memory":16777216,"MemorySwap":16777216,"RestartPolicy":{"Name":"no"}}',
    ),
  ),
  attack(
    'E053',
    'a privileged exec',
    exec({ Cmd: ['sh'], Privileged: true }),
    forbidden('ContainerExec', 'privileged'),
  ),
  attack(
    'E053',
    'an exec that starts outside',
    each(
      [
        '/proc/self/fd/8',
        '/proc/self/fd/8/',
        '/proc/../proc/self/fd/8',
        '//proc/self/fd/7',
        '/proc',
        '/proc/1/root',
        '/x/../proc/self/cwd',
        '/./proc/self/fd/9',
        'proc/self/fd/8',
        '../proc/self/fd/8',
      ],
      (WorkingDir) => exec({ Cmd: ['sh'], WorkingDir }),
    ),
    forbidden('ContainerExec', 'working-directory'),
  ),
  attack(
    'E053',
    'a container that starts outside',
    each(
      [
        '/proc/self/fd/8',
        '/proc/self/fd/8/../../..',
        '/proc/thread-self/fd/7',
        '//proc/self/fd/8',
        'proc/self/fd/8',
      ],
      (WorkingDir) => create({ Image: 'busybox', WorkingDir }),
    ),
    forbidden('ContainerCreate', 'working-directory'),
  ),
  attack(
    'E053',
    'a user and an environment for an exec: per policy',
    exec({ Cmd: ['sh'], User: '0', Env: ['A=b'] }),
    ran({ User: '0', Env: ['A=b'], Cmd: ['sh'] }),
    { note: 'per policy: restricted asks for another user' },
  ),
  attack(
    'E053',
    'root by an exec under restricted',
    each(['0', 'root', '0:0', '00'], (User) => exec({ Cmd: ['sh'], User })),
    forbidden('ContainerExec', 'run-as-non-root'),
    { as: 'rita' },
  ),
  attack(
    'E053',
    'the user of the container by an exec under restricted',
    exec({ Cmd: ['sh'] }),
    forbidden('ContainerExec', 'run-as-non-root'),
    { as: 'rita', asks: plainly('GET /containers/alicec/json') },
  ),
  attack(
    'E053',
    'directories of the image\u2019s own',
    each(['/app', '/', '/processes', 'src', '/srv/proc'], (WorkingDir) =>
      exec({ Cmd: ['sh'], WorkingDir }),
    ).map((attempt) => ({
      ...attempt,
      received: ran({ WorkingDir: attempt.name, Cmd: ['sh'] }).received,
    })),
    ran({}),
  ),
  attack(
    'E057',
    'another\u2019s image by name',
    create({ Image: 'bob/app' }),
    created({ Image: 'bob/app' }),
    untold('403: bob\u2019s image is not hers'),
  ),
  attack(
    'E057',
    'another\u2019s image by its id',
    each(
      [
        `sha256:${'0123456789abcdef'.repeat(4)}`,
        '0123456789ab',
        'bob/app@sha256:'.concat('0123456789abcdef'.repeat(4)),
      ],
      (Image) => create({ Image }),
    ).map((attempt) => ({
      ...attempt,
      received: created({ Image: attempt.name }).received,
    })),
    created({}),
    untold('403: bob\u2019s image is not hers'),
  ),
  attack(
    'E059',
    'volumes that an image brings',
    create({ Image: 'with-volumes', Volumes: { '/x': {} } }),
    created({ Image: 'with-volumes', Volumes: { '/x': {} } }),
    untold('volumes without a label belong to the container\u2019s owner'),
  ),
  attack(
    'E059',
    'a driver for volumes that an image brings',
    create({ Image: 'with-volumes', HostConfig: { VolumeDriver: 'evil' } }),
    forbidden('ContainerCreate', 'volume-driver'),
  ),
];
