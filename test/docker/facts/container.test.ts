import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { ask, askContainer } from './ask.ts';

describe('a container that is made', () => {
  it('asks for nothing but its image and the default network', () => {
    const image = {
      field: 'Image',
      reference: 'docker.io/library/busybox:latest',
      name: { type: 'name', domain: 'docker.io', path: 'library/busybox', tag: 'latest' },
    };
    expect(askContainer({})).toEqual({
      ...NO_FACTS,
      runs: 'container',
      image,
      images: [image],
      networks: [expect.objectContaining({ name: 'bridge' })],
      user: { field: 'User', value: '', root: null },
    });
  });

  it.each([
    ['bob/app', 'docker.io/bob/app:latest'],
    ['reg.io:5000/a/b:1', 'reg.io:5000/a/b:1'],
    [`bob/app@sha256:${'a'.repeat(64)}`, `docker.io/bob/app@sha256:${'a'.repeat(64)}`],
  ])('E057: has the image %s by its full name', (Image, reference) => {
    expect(askContainer({ Image }).image).toMatchObject({ reference, name: { type: 'name' } });
  });

  it.each(['cafe', `sha256:${'a'.repeat(64)}`, 'Bad//Name'])('E057: has no name of the image %s', (Image) => {
    expect(askContainer({ Image }).image).toEqual({ field: 'Image', reference: Image, name: null });
  });

  it('without an image has none', () => {
    expect(askContainer({ Image: '' })).toMatchObject({ image: null, images: [] });
    expect(ask('POST /v1.41/containers/create', { Cmd: ['id'] })).toMatchObject({ image: null, images: [] });
  });

  it.each([
    ['0', true],
    ['0:0', true],
    ['root', true],
    ['root:x', true],
    ['00', true],
    ['+0', true],
    ['-0', true],
    [':0', true],
    [':1000', true],
    ['1000', false],
    ['1000:0', false],
    ['+1', false],
    ['-1', false],
    ['postgres', null],
    ['Root', null],
    [' 0', null],
    ['0x0', null],
    ['0.0', null],
    ['', null],
  ])('E049: runs as %j: root %s', (User, root) => {
    expect(askContainer({ User }).user).toEqual({ field: 'User', value: User, root });
  });

  it('has labels, those of keys that JavaScript knows too', () => {
    const body = '{"Image":"x","Labels":{"a":"b","__proto__":"c"}}';
    expect(Object.entries(ask('POST /v1.41/containers/create', body).labels)).toEqual([
      ['a', 'b'],
      ['__proto__', 'c'],
    ]);
  });

  it('runs its entrypoint and command', () => {
    expect(askContainer({ Entrypoint: 'sh', Cmd: ['-c', 'id'] }).command).toEqual(['sh', '-c', 'id']);
  });

  it('has variables by name, never with their values', () => {
    const facts = askContainer({ Env: ['A=s3cret=x', 'B', '=c'] });
    expect(facts.environment).toEqual(['A', 'B', '']);
    expect(JSON.stringify({ ...facts, resources: null })).not.toContain('s3cret');
  });

  it('has an anonymous volume for each path of Volumes, and maybe a bind where there is a colon in it', () => {
    const field = 'Volumes["/etc:/h"]';
    expect(askContainer({ Volumes: { '/etc:/h': {}, '/data': {} } })).toMatchObject({
      volumes: [
        { field, name: '', driver: 'local', mode: 'rw' },
        { field: 'Volumes["/data"]', name: '' },
      ],
      // Podman mounts the path before the colon.
      hostPaths: [{ field, path: null }],
    });
  });

  it('has its anonymous volumes made by VolumeDriver', () => {
    expect(
      askContainer({ Volumes: { '/v': {} }, HostConfig: { VolumeDriver: 'nfs' } }).volumes,
    ).toMatchObject([{ field: 'Volumes["/v"]', name: '', driver: 'nfs' }]);
  });

  it('has an anonymous volume of VolumeDriver where it names none itself, for the image may', () => {
    expect(askContainer({ HostConfig: { VolumeDriver: 'nfs' } }).volumes).toEqual([
      { field: 'HostConfig.VolumeDriver', name: '', driver: 'nfs', options: [], mode: 'rw' },
    ]);
    expect(askContainer({ HostConfig: { VolumeDriver: '' } }).volumes).toEqual([]);
    const others = [{ Type: 'volume', Target: '/v', VolumeOptions: { DriverConfig: { Name: 'x' } } }];
    expect(askContainer({ HostConfig: { VolumeDriver: 'nfs', Mounts: others } }).volumes).toMatchObject([
      { driver: 'x' },
      { field: 'HostConfig.VolumeDriver', driver: 'nfs' },
    ]);
  });

  it.each(['/proc/self/fd/8', '/proc//self/fd/8', '/proc', 'proc/self/fd/8', '/x/../proc/1/root'])(
    'E053: that starts in %s may start in a directory of the host',
    (WorkingDir) => {
      expect(askContainer({ WorkingDir }).hostPaths).toEqual([
        { field: 'WorkingDir', path: null, mode: 'rw', via: 'working-dir' },
      ]);
    },
  );

  it.each(['', '/', '/process', '/x/proc'])('that starts in %j does not', (WorkingDir) => {
    expect(askContainer({ WorkingDir }).hostPaths).toEqual([]);
  });

  it('puts together what several fields say', () => {
    const facts = askContainer({
      Labels: { a: 'top' },
      Volumes: { '/v': {} },
      HostConfig: {
        Binds: ['/etc:/e'],
        Mounts: [
          { Type: 'bind', Source: '/usr', Target: '/u' },
          { Type: 'volume', Source: 'ab', Target: '/a', VolumeOptions: { Labels: { b: 'volume' } } },
        ],
        Devices: [{ PathOnHost: '/dev/sda' }],
      },
    });
    expect(facts.hostPaths.map(({ path }) => path)).toEqual(['/etc', '/usr', '/dev/sda']);
    expect(facts.volumes.map(({ name }) => name)).toEqual(['', 'ab']);
    expect(facts.labels).toEqual({ a: 'top', b: 'volume' });
  });
});
