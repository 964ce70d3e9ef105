import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('networks', (scenario) => {
  scenario(
    'are created, listed, inspected and removed',
    async (docker) => {
      const name = docker.name('net');
      await docker.expect(`network create --label a=b ${name}`, { stdout: ID });
      await docker.expect(
        ['network', 'ls', '--filter', `name=${name}`, '--format', '{{.Name}} {{.Driver}} {{.Scope}}'],
        {
          stdout: `${name} bridge local\n`,
        },
      );
      await docker.alike(['network', 'inspect', '-f', '{{.Name}} {{.Labels.a}} {{.Internal}}', name], {
        stdout: `${name} b false\n`,
      });
      await docker.expect(`network rm ${name}`, { stdout: `${name}\n` });
      await docker.expect(`network ls -q --filter name=${name}`, {});
    },
    { modern: true, tenant: true },
  );

  scenario(
    'let containers find each other by name and alias',
    async (docker) => {
      const net = docker.name('net');
      await docker.expect(`network create ${net}`, { stdout: ID });
      const server = await docker.idle('server', '--network', net, '--network-alias', 'door');
      await docker.expect(
        ['exec', server, 'sh', '-c', 'mkdir /www; echo reached > /www/x; httpd -p 80 -h /www'],
        {},
      );
      for (const host of [server, 'door']) {
        await docker.expect(`run --rm --network ${net} busybox wget -q -O - http://${host}/x`, {
          stdout: 'reached\n',
        });
      }
    },
    { modern: true, tenant: true },
  );

  scenario(
    'have names for each other that links give',
    async (docker) => {
      const net = docker.name('net');
      await docker.expect(`network create ${net}`, { stdout: ID });
      const server = await docker.idle('server', '--network', net);
      const plain = await docker.idle('plain');
      for (const options of [`--network ${net} --link ${server}:other`, `--link ${plain}:other`]) {
        await docker.expect(`run --rm ${options} busybox ping -c 1 -W 2 other`, {
          stdout: /1 packets received/,
        });
      }
    },
    { tenant: true },
  );

  scenario(
    'are joined and left while the container runs',
    async (docker) => {
      const net = docker.name('net');
      await docker.expect(`network create ${net}`, { stdout: ID });
      const name = await docker.idle('guest');
      const networks = [
        'inspect',
        '-f',
        '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}',
        name,
      ];
      await docker.expect(`network connect --alias other ${net} ${name}`, {});
      await docker.expect(networks, { stdout: `bridge ${net} \n` });
      await docker.expect(`network disconnect ${net} ${name}`, {});
      await docker.expect(networks, { stdout: 'bridge \n' });
    },
    { modern: true },
  );

  scenario('take the addresses that were asked for', async (docker) => {
    const net = docker.name('net');
    const third = Number.parseInt(docker.id.slice(-2), 16);
    const subnet = `10.${docker.way === 'mtls' ? 91 : docker.way === 'jwt' ? 92 : 93}.${third}`;
    await docker.expect(`network create --subnet ${subnet}.0/24 --gateway ${subnet}.254 --internal ${net}`, {
      stdout: ID,
    });
    await docker.expect(`run --rm --network ${net} --ip ${subnet}.77 busybox hostname -i`, {
      stdout: `${subnet}.77\n`,
    });
  });

  scenario('can not be removed while they are in use, nor made twice', async (docker) => {
    const net = docker.name('net');
    await docker.expect(`network create ${net}`, { stdout: ID });
    await docker.idle('guest', '--network', net);
    await docker.alike(`network rm ${net}`, {
      code: 1,
      stderr: new RegExp(
        `^Error response from daemon: error while removing network: network ${net} id [0-9a-f]{64} has active endpoints\\n$`,
      ),
    });
    await docker.alike(`network create ${net}`, {
      code: 1,
      stderr: `Error response from daemon: network with name ${net} already exists\n`,
    });
  });

  scenario('that are missing are told of in the words of the Engine', async (docker) => {
    const net = docker.name('missing');
    const name = await docker.idle('guest');
    await docker.alike(`network rm ${net}`, { code: 1, stderr: `Error: No such network: ${net}\n` });
    await docker.alike(`network inspect ${net}`, {
      code: 1,
      stdout: '[]\n',
      stderr: `Error: No such network: ${net}\n`,
    });
    await docker.alike(`network connect ${net} ${name}`, {
      code: 1,
      stderr: `Error response from daemon: network ${net} not found\n`,
    });
  });

  scenario(
    'without a user are pruned by label',
    async (docker) => {
      const net = docker.name('net');
      await docker.expect(`network create --label ${net} ${net}`, { stdout: ID });
      await docker.expect(`network prune -f --filter label=${net}`, {
        stdout: `Deleted Networks:\n${net}\n\n`,
      });
    },
    { modern: true },
  );
});
