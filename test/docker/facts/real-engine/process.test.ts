import { readlinkSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askContainer, askHost } from '../ask.ts';
import { type EngineClient, engineClient } from './engine-client.ts';

/** What a container's first process finds itself to be, against what the facts say it asked for. */

let engine: EngineClient;
beforeAll(() => {
  engine = engineClient(inject('engine').socket);
});
afterAll(() => engine.close());

const NUMBERS: Readonly<Record<string, bigint>> = {
  CHOWN: 0n,
  IPC_LOCK: 14n,
  SYS_ADMIN: 21n,
  SYS_MODULE: 16n,
};

describe('capabilities that are added', () => {
  const bits = (names: readonly string[]) =>
    names.reduce((all, name) => all | (1n << (NUMBERS[name] ?? 63n)), 0n);

  it.each([
    ['sys_admin'],
    ['CAP_SYS_ADMIN'],
    ['cap_Sys_Admin'],
    ['\u017fys_admin'],
    ['\u0131pc_lock'],
    ['CHOWN'],
  ])('%s is the one that the process has', async (name) => {
    const HostConfig = { CapDrop: ['ALL'], CapAdd: [name] };
    const { capabilities } = askHost(HostConfig);
    const output = await engine.run({ HostConfig, Cmd: ['grep', 'CapBnd', '/proc/self/status'] });
    expect(capabilities.dropped).toEqual(['ALL']);
    expect(BigInt(`0x${output?.split(/\s+/)[1]}`)).toBe(bits(capabilities.added.map((added) => added.name)));
  });

  it.each([['all'], ['ALL'], ['aLl']])('%s is every one', async (name) => {
    // Some machines that run tests lack this one themselves.
    const HostConfig = { CapDrop: ['SYS_RESOURCE'], CapAdd: [name] };
    expect(askHost(HostConfig).capabilities.added).toMatchObject([{ name: 'ALL' }]);
    const output = await engine.run({ HostConfig, Cmd: ['grep', 'CapBnd', '/proc/self/status'] });
    expect(BigInt(`0x${output?.split(/\s+/)[1]}`) & bits(['SYS_ADMIN', 'SYS_MODULE'])).not.toBe(0n);
  });

  it.each([['CAP_ALL'], ['cap_cap_sys_admin'], [''], ['SYS_ADMIN '], ['SETﬀCAP']])(
    '%j is none to the Engine, and none to the facts',
    async (name) => {
      expect(await engine.tried({ HostConfig: { CapDrop: [name] } })).toMatch(/unknown capability/);
      expect(askHost({ CapDrop: [name] }).capabilities.dropped).not.toContain('ALL');
    },
  );
});

describe('namespaces', () => {
  const OWN = (name: string) => readlinkSync(`/proc/self/ns/${name}`);
  const HOST: Readonly<Record<string, () => string>> = {
    pid: () => OWN('pid'),
    ipc: () => OWN('ipc'),
    uts: () => OWN('uts'),
    cgroup: () => OWN('cgroup'),
    net: () => `net:[${statSync(inject('engine').netns).ino}]`,
  };
  const FIELDS = {
    PidMode: 'pid',
    IpcMode: 'ipc',
    UTSMode: 'uts',
    CgroupnsMode: 'cgroup',
    NetworkMode: 'net',
  };
  const rows = Object.entries(FIELDS).flatMap(([field, name]) =>
    ['host', 'Host', 'host ', 'private', 'container:', 'Container:x'].map(
      (mode) => [field, mode, name] as const,
    ),
  );

  it.each(rows)("%s %j is the host's exactly where the facts say so", async (field, mode, name) => {
    const HostConfig = { [field]: mode };
    const { hostNamespaces } = askHost(HostConfig);
    const output = await engine.run({ HostConfig, Cmd: ['readlink', `/proc/self/ns/${name}`] });
    // What the Engine refuses joins nothing.
    expect(output?.trim() === HOST[name]?.()).toBe(hostNamespaces.length > 0);
  });

  it.each(['Host', 'host ', 'Container:x', 'service:x'])(
    'E021: %j is the name of a network',
    async (mode) => {
      expect(askHost({ NetworkMode: mode }).networks).toMatchObject([{ name: mode }]);
      const got = await engine.tried({ HostConfig: { NetworkMode: mode } });
      if (typeof got === 'string') throw new Error(got);
      expect(Object.keys(got.NetworkSettings.Networks)).toEqual([mode]);
    },
  );

  it('are looked up after any word of PidMode', async () => {
    expect(await engine.tried({ HostConfig: { PidMode: 'Container:facts-none' } })).toMatch(
      /No such container: facts-none/,
    );
    expect(askHost({ PidMode: 'Container:facts-none' }).joinedContainers).toMatchObject([
      { container: 'facts-none', namespace: 'pid' },
    ]);
  });
});

describe('SecurityOpt', () => {
  it.each([
    ['no-new-privileges'],
    ['no-new-privileges=T'],
    ['no-new-privileges:1'],
    ['no-new-privileges=F'],
    ['no-new-privileges:0'],
    ['no-new-privileges=False'],
    ['no-new-privileges,no-new-privileges=f'],
    ['no-new-privileges=0,no-new-privileges'],
  ])('%s decides whether the process may gain privileges', async (texts) => {
    const HostConfig = { SecurityOpt: texts.split(',') };
    const output = await engine.run({ HostConfig, Cmd: ['grep', 'NoNewPrivs', '/proc/self/status'] });
    expect(output?.trim().endsWith('1')).toBe(askHost(HostConfig).security.noNewPrivileges?.value);
  });

  it.each([
    ['seccomp=unconfined', 'unconfined'],
    ['seccomp:unconfined', 'unconfined'],
    ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'custom'],
    ['seccomp=', undefined],
    ['seccomp=unconfined,seccomp=', undefined],
  ])('%s is the profile %s', async (texts, profile) => {
    const HostConfig = { SecurityOpt: texts.split(',') };
    const output = await engine.run({ HostConfig, Cmd: ['grep', '^Seccomp:', '/proc/self/status'] });
    expect(askHost(HostConfig).security.seccomp?.profile).toBe(profile);
    expect(output?.trim().endsWith('2')).toBe(profile !== 'unconfined');
  });

  it.each([
    ['apparmor=unconfined', 'unconfined'],
    ['apparmor:x', 'x'],
    ['apparmor=', ''],
  ])('%s is the AppArmor profile %j', async (option, profile) => {
    const got = await engine.tried({ HostConfig: { SecurityOpt: [option] } });
    if (typeof got === 'string') throw new Error(got);
    expect(got.AppArmorProfile).toBe(profile);
    expect(askHost({ SecurityOpt: [option] }).security.apparmor?.profile ?? '').toBe(profile);
  });

  it.each([
    'SECCOMP=unconfined',
    ' seccomp=unconfined',
    'seccomp =unconfined',
    'no-new-privileges=',
    'no-new-privileges=yes',
    'writable-cgroups',
    'systempaths=unconfined',
    'credentialspec=file://x',
    'label:type=foo',
    'seccomp',
    'x',
    '',
  ])('%j, which this Engine does not know, is no option that the facts keep silent about', async (option) => {
    expect(await engine.tried({ HostConfig: { SecurityOpt: [option] } })).toMatch(/invalid --security-opt/);
    const { others, ...known } = askHost({ SecurityOpt: [option] }).security;
    expect(others.length + Object.keys(known).length).toBe(1);
  });
});

describe('a user', () => {
  it.each(['0', '00', '+0', '-0', '0:0', ':0', ':', 'root', '1000', '0001000', '1000:0'])(
    '%j is root exactly where the facts say so',
    async (User) => {
      const output = await engine.run({ User, Cmd: ['id', '-u'] });
      expect(output?.trim() === '0').toBe(askContainer({ User }).user?.root);
    },
  );

  it.each([' 0', '0x0', '0 ', 'nobody-knows'])('%j is a name, which the image knows', async (User) => {
    expect(await engine.run({ User, Cmd: ['id', '-u'] })).toBeNull();
    expect(askContainer({ User }).user).toEqual({ field: 'User', value: User, root: null });
  });
});
