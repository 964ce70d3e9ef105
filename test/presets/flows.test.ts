import { readFileSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { expect, it } from 'vitest';
import { tar } from '../clients/tar.ts';
import { REMOTE_BUSYBOX } from '../support/images.ts';
import { openPresets, type PresetSite, withoutRegistryAddress } from './site.ts';

// The registry of the tests stands in for Docker Hub, which is out of reach.
const open = openPresets(['testcontainers', 'watchtower'], {
  grants: (text) =>
    text.replaceAll("imageFrom('docker.io/**')", "imageFrom('docker.io/**', '127.0.0.1:5000/library/**')"),
  profiles: withoutRegistryAddress,
});

function overTls({ gateway }: PresetSite, name: string): Docker {
  const pem = (file: string) => readFileSync(`${gateway.certPath(name)}/${file}.pem`);
  return new Docker({
    protocol: 'https',
    host: '127.0.0.1',
    port: gateway.port,
    ca: pem('ca'),
    cert: pem('cert'),
    key: pem('key'),
  });
}

function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<unknown> {
  return new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
  );
}

/** What testcontainers-node does for one container, call by call; the README of the preset says where that is read. */
it('a container for the time of a test run, as Testcontainers asks for it', async () => {
  const site = open();
  const docker = overTls(site, 'testcontainers');
  expect(await docker.info()).toHaveProperty('OperatingSystem');
  await docker.listContainers();
  await finished(docker, await docker.pull(REMOTE_BUSYBOX));
  await docker.getImage(REMOTE_BUSYBOX).inspect();
  const network = await docker.createNetwork({ Name: `net-${site.id}`, CheckDuplicate: true });
  const container = await docker.createContainer({
    name: `tc-${site.id}`,
    Image: REMOTE_BUSYBOX,
    Cmd: ['sh', '-c', 'echo ready; exec sleep 600'],
    ExposedPorts: { '6379/tcp': {} },
    Labels: { 'org.testcontainers': 'true', 'org.testcontainers.session-id': site.id },
    HostConfig: { PortBindings: { '6379/tcp': [{ HostPort: '0' }] } },
  });
  await container.putArchive(tar({ note: 'copied\n' }), { path: '/tmp' });
  await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['redis'] } });
  const events = (await docker.getEvents({ filters: { container: [container.id] } })) as Readable;
  await container.start();
  events.destroy();
  const { NetworkSettings } = await container.inspect();
  expect(Number(NetworkSettings.Ports['6379/tcp']?.[0]?.HostPort)).toBeGreaterThan(1024);
  const logs = (await container.logs({
    follow: true,
    stdout: true,
    stderr: true,
    tail: -1,
    since: 0,
  })) as Readable;
  const seen = await new Promise((resolve) =>
    logs.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  expect(seen).toContain('ready\n');
  logs.destroy();
  const exec = await container.exec({ Cmd: ['cat', '/tmp/note'], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ stdin: true, Detach: false, Tty: false });
  const out = new PassThrough();
  docker.modem.demuxStream(stream, out, out);
  stream.on('end', () => out.end());
  expect(await text(out)).toBe('copied\n');
  expect((await exec.inspect()).ExitCode).toBe(0);
  await container.stop({ t: 0 });
  await container.remove({ v: true });
  await network.remove();
  expect(site.refused()).toEqual([]);

  const ryuk = docker.createContainer({
    Image: REMOTE_BUSYBOX,
    HostConfig: { Binds: ['/var/run/docker.sock:/var/run/docker.sock'] },
  });
  await expect(ryuk).rejects.toThrow('[host-path]');
  await expect(docker.pull('127.0.0.1:5000/other/busybox:1.35')).rejects.toThrow('[image-not-permitted]');
  await expect(
    docker.createContainer({ Image: REMOTE_BUSYBOX, HostConfig: { Privileged: true } }),
  ).rejects.toThrow('[privileged]');
});

/** As pkg/container/client.go of Watchtower makes a container anew: what was inspected is what is created. */
it('a container that was inspected can be made anew, as Watchtower does', async () => {
  const site = open();
  const docker = new Docker({ socketPath: site.socket('watchtower') });
  const name = `old-${site.id}`;
  const direct = overTls(site, 'admin');
  const network = await direct.createNetwork({ Name: `wt-${site.id}` });
  const made = await direct.createContainer({
    name,
    Image: 'busybox',
    Cmd: ['sleep', '600'],
    Env: ['A=b'],
    HostConfig: {
      NetworkMode: `wt-${site.id}`,
      RestartPolicy: { Name: 'always' },
      Binds: [`wt-${site.id}:/data`],
    },
  });
  await made.start();
  const before = await docker.getContainer(made.id).inspect();
  await docker.getImage(before.Image).inspect();
  await docker.getContainer(made.id).kill({ signal: 'SIGKILL' });
  await docker.getContainer(made.id).remove({ force: true });
  const joined = `wt-${site.id}`;
  const endpoint = before.NetworkSettings.Networks[joined] ?? {};
  const anew = await docker.createContainer({
    ...before.Config,
    name,
    HostConfig: before.HostConfig,
    NetworkingConfig: { EndpointsConfig: { [joined]: endpoint } },
  } as Docker.ContainerCreateOptions);
  await docker.getNetwork(joined).disconnect({ Container: anew.id, Force: true });
  await docker.getNetwork(joined).connect({ Container: anew.id, EndpointConfig: endpoint });
  await anew.start();
  const after = await docker.getContainer(name).inspect();
  expect([after.State.Running, after.Config.Env, after.HostConfig.Binds]).toEqual([
    true,
    before.Config.Env,
    before.HostConfig.Binds,
  ]);
  expect(site.refused().filter((line) => line.startsWith('watchtower'))).toEqual([]);
  await direct.getContainer(anew.id).remove({ force: true });
  await network.remove();
});
