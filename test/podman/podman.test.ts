import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../support/docker.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { FrontDoor } from '../support/front-door.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { openTenantDoor } from '../support/tenants.ts';
import { STEPS } from './commands.ts';
import { walk } from './compare.ts';

let podman: Engine;
let gateway: Gateway;
let door: FrontDoor;
beforeAll(async () => {
  podman = await startEngine({ kind: 'podman' });
  [gateway, door] = await Promise.all([
    startGateway({ engineSocket: podman.socket }),
    openTenantDoor({ engineSocket: podman.socket }),
  ]);
});
afterAll(async () => {
  await gateway?.stop();
  await door?.close();
  await podman?.destroy();
});

describe('Podman as the Engine', () => {
  it('answers the docker CLI through the gateway as it does on its own socket', {
    timeout: 240_000,
  }, async () => {
    const direct = await walk(STEPS, { host: `unix://${podman.socket}` }, 'qzone');
    const through = await walk(STEPS, { host: gateway.host, certPath: gateway.certPath('admin') }, 'qztwo');
    for (const [index, came] of through.entries()) expect(came).toEqual(direct[index]);
    // Both could have failed alike.
    expect(through.filter(({ code }) => code === 0).length).toBeGreaterThan(55);
    const records = gateway.auditRecords();
    expect(records.filter(({ stage }) => stage === 'refused').map(({ decision }) => decision.reason)).toEqual(
      [],
    );
  });
});

describe('tenants on Podman', () => {
  const as = async (name: string, ...args: string[]) => {
    const certs = await door.certPath(name);
    const ca = `${door.gateway.certPath('admin')}/ca.pem`;
    return docker(args, {
      host: door.gateway.host,
      globalArgs: [
        ...['--tlsverify', '--tlscacert', ca],
        ...['--tlscert', `${certs}/cert.pem`, '--tlskey', `${certs}/key.pem`],
      ],
    });
  };
  const done = async (name: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await as(name, ...args);
    // At times Podman's own end of an exec (compare.ts).
    const said = stderr.replace(/^Error: read unixpacket .*: connection reset by peer\n?/gm, '');
    expect({ args, code, said }).toEqual({ args, code: 0, said: '' });
    return stdout.trim();
  };
  let web = '';

  beforeAll(async () => {
    web = await done('alice', 'run', '-d', '--name', 'web', '-v', 'data:/data', 'busybox', 'sleep', '120');
    await done('alice', 'network', 'create', 'net');
  });

  it('has alice do what is hers to do, and ann of the same tenant too', async () => {
    expect(await done('alice', 'exec', 'web', 'echo', 'hi')).toBe('hi');
    expect(await done('ann', 'ps', '--format', '{{.Names}}')).toBe('web');
    const started = door.gateway.auditLines().map((line) => ('stage' in line ? line.stage : ''));
    // Podman upgraded the connection: a stream that it did not would be neither limited nor recorded.
    expect(started).toContain('stream-start');
  });

  it('shows bob nothing of it, by name, id or part of an id', async () => {
    expect(await done('bob', 'ps', '-aq')).toBe('');
    expect(await done('bob', 'volume', 'ls', '-q')).toBe('');
    expect(await done('bob', 'network', 'ls', '--filter', 'name=net', '-q')).toBe('');
    const commands = (ref: string) => [
      ['inspect', ref],
      ['exec', ref, 'true'],
      ['logs', ref],
      ['top', ref],
      ['cp', `${ref}:/etc/passwd`, '-'],
      ['stop', ref],
      ['rename', ref, 'mine'],
      ['rm', ref],
      ['run', '--rm', '--network', `container:${ref}`, 'busybox', 'true'],
      ['run', '--rm', '--volumes-from', ref, 'busybox', 'true'],
    ];
    for (const args of [...commands('web'), ...commands(web.slice(0, 12))]) {
      const { code, stdout, stderr } = await as('bob', ...args);
      expect({ args, isDone: code === 0 }).toEqual({ args, isDone: false });
      expect(stdout + stderr).toMatch(/No such|not found|may not do|could not tell/i);
    }
    for (const args of [
      ['run', '--rm', '-v', 'data:/data', 'busybox', 'true'],
      ['run', '--rm', '--network', 'net', 'busybox', 'true'],
      ['volume', 'rm', 'data'],
      ['network', 'rm', 'net'],
    ]) {
      const { code } = await as('bob', ...args);
      expect({ args, isDone: code === 0 }).toEqual({ args, isDone: false });
    }
    expect(await done('alice', 'ps', '--format', '{{.Names}}')).toBe('web');
  });

  it('lets nobody by what Podman alone reads as a path or a namespace of the host', async () => {
    for (const [args, reason] of [
      [['--mount', 'type=volume,src=data,"dst=/x,src=/etc"'], 'host-path'],
      [['-v', '/etc:/x'], 'host-path'],
      [['--network', 'ns:/proc/1/ns/net'], 'host-namespace'],
      [['--ipc', 'ns:/proc/1/ns/ipc'], 'host-namespace'],
      [['--uts', 'ns:/proc/1/ns/uts'], 'host-namespace'],
    ] as const) {
      const { code, stderr } = await as('alice', 'run', '--rm', ...args, 'busybox', 'true');
      expect({ args, isDone: code === 0, stderr }).toEqual({
        args,
        isDone: false,
        stderr: expect.stringMatching(new RegExp(`\\[${reason}\\]|invalid .* mode|network .* not found`)),
      });
    }
  });
});
