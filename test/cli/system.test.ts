import { expect } from 'vitest';
import { docker as run } from '../support/docker.ts';
import { scenarios } from './scenarios.ts';

scenarios('the Engine as a whole', (scenario) => {
  scenario(
    'tells its version',
    async (docker) => {
      await docker.alike(['version', '-f', '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}'], {
        stdout: /^20\.10\.24\+dfsg1 1\.41 linux\n$/,
      });
    },
    { modern: true },
  );

  scenario(
    "prints the version table as it is, but for the oldest API version: that is the gateway's",
    async (docker) => {
      const { stdout } = await docker.expect('version', { stdout: /\nServer:\n/ });
      const bare = (await docker.bare('version')).stdout;
      expect(bare).toContain('1.41 (minimum version 1.12)\n');
      const oldest = docker.way === 'direct' ? '1.12' : '1.24';
      expect(stdout).toBe(bare.replace('(minimum version 1.12)', `(minimum version ${oldest})`));
    },
  );

  scenario(
    'tells of itself',
    async (docker) => {
      await docker.alike(['info', '-f', '{{.Driver}} {{.OSType}} {{.Swarm.LocalNodeState}}'], {
        stdout: 'overlay2 linux inactive\n',
      });
    },
    { modern: true },
  );

  scenario(
    'tells in a table what disk it uses',
    async (docker) => {
      const size = '[\\d.]+(B|kB|MB|GB)( \\(\\d+%\\))?';
      const row = (type: string) => `${type} +\\d+ +\\d+ +${size} +${size}\\n`;
      const rows = ['Images', 'Containers', 'Local Volumes', 'Build Cache'].map(row).join('');
      await docker.expect('system df', {
        stdout: new RegExp(`^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\\n${rows}$`),
      });
    },
    { modern: true },
  );

  scenario('tells what disk each object uses', async (docker) => {
    const name = docker.name('volume');
    await docker.idle('user', '-v', `${name}:/data`);
    await docker.expect('system df -v', {
      stdout: new RegExp(`Local Volumes space usage:\\n\\nVOLUME NAME[^]*\\n${name} +1 +0B\\n`),
    });
  });

  scenario(
    'reports events of the past',
    async (docker) => {
      const name = docker.name('past');
      const since = await now();
      await docker.expect(`run --rm --name ${name} busybox true`, {});
      const format = '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}';
      const words = ['create', 'attach', 'start', 'die', 'destroy'];
      const lines = words.map((word) => `container ${word} ${name} ${word === 'die' ? '0' : '<no value>'}\n`);
      const until = async () => `${Number(await now()) + 1}`;
      const events = [
        'events',
        '--since',
        since,
        '--until',
        await until(),
        '--filter',
        `container=${name}`,
        '--format',
        format,
      ];
      await docker.expect(events, { stdout: lines.join('') });
    },
    { modern: true },
  );

  scenario(
    'reports events as they happen, until the client goes away',
    async (docker) => {
      const label = docker.name('present');
      const events = docker.spawn([
        'events',
        '--filter',
        `label=${label}`,
        '--format',
        '{{.Action}} {{.Actor.Attributes.name}}',
      ]);
      let probes = 0;
      const isHeard = async (): Promise<string> => {
        probes += 1;
        await docker.run(['create', '--name', docker.name(`probe${probes}`), '--label', label, 'busybox']);
        return events.output();
      };
      await expect.poll(isHeard, { timeout: 20_000 }).toContain('create ');
      const name = await docker.idle('seen', '--label', label);
      await events.waitFor(`start ${name}\n`);
      expect(events.output()).toMatch(new RegExp(`create ${name}\nstart ${name}\n$`));
      await docker.expect(`kill ${name}`, { stdout: `${name}\n` });
      await events.waitFor(`die ${name}\n`);
      events.signal('SIGTERM');
      await events.exit(5_000);
    },
    { modern: true },
  );

  scenario('is no swarm manager, in its own words', async (docker) => {
    const stderr =
      'Error response from daemon: This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.\n';
    for (const command of ['service ls', 'node ls', 'secret ls', 'config ls'])
      await docker.alike(command, { code: 1, stderr });
  });

  scenario('has no plugins', async (docker) => {
    await docker.alike('plugin ls', { stdout: 'ID        NAME      DESCRIPTION   ENABLED\n' });
    await docker.alike('plugin inspect none', {
      code: 1,
      stdout: '[]\n',
      stderr: 'Error: No such plugin: none\n',
    });
  });

  scenario(
    'is reached by a context that holds the certificates',
    async (docker) => {
      const { host, certPath, globalArgs, ...target } = docker.target;
      const config = target.config ?? `${docker.folder}/config`;
      docker.files('config', {});
      const endpoint = contextEndpoint(
        host,
        certPath ?? globalArgs?.[2]?.replace(/\/ca\.pem$/, ''),
        certPath !== undefined,
      );
      const name = docker.name('context');
      const created = await run(['context', 'create', name, '--docker', endpoint], { ...target, config });
      expect(created).toMatchObject({
        code: 0,
        stdout: `${name}\n`,
        stderr: `Successfully created context "${name}"\n`,
      });
      const used = await run(['--context', name, 'run', '--rm', 'busybox', 'echo', 'by context'], {
        ...target,
        config,
      });
      expect(used).toMatchObject({ code: 0, stdout: 'by context\n', stderr: '' });
    },
    { modern: true },
  );
});

/** The `--docker` argument of `context create`; without a client certificate only the CA goes in. */
function contextEndpoint(
  host: string | undefined,
  certs: string | undefined,
  clientCertificate: boolean,
): string {
  const ca = certs === undefined ? '' : `,ca=${certs}/ca.pem`;
  return `host=${host}${ca}${clientCertificate ? `,cert=${certs}/cert.pem,key=${certs}/key.pem` : ''}`;
}

/** The Engine's clock is this machine's; seconds with nine decimals, as `--since` takes them. */
async function now(): Promise<string> {
  return (Date.now() / 1000).toFixed(9);
}
