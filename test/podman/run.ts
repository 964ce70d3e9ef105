import { startEngine } from '../support/engine.ts';
import { startGateway } from '../support/gateway.ts';
import { provision } from '../support/provision.ts';
import { STEPS } from './commands.ts';
import { type Came, walk } from './compare.ts';

/**
 * `npm run podman`: every command on dockerd, on Podman, and on Podman through the gateway, and, as rows of Markdown, where
 * they differ. Exit code 1: the gateway made a difference.
 */
await provision();
const dockerd = await startEngine();
const podman = await startEngine({ kind: 'podman' });
const gateway = await startGateway({ engineSocket: podman.socket });
const on = (socket: string) => ({ host: `unix://${socket}` });
const [onDockerd, onPodman, through] = [
  await walk(STEPS, on(dockerd.socket), 'qzone'),
  await walk(STEPS, on(podman.socket), 'qzone'),
  await walk(STEPS, { host: gateway.host, certPath: gateway.certPath('admin') }, 'qztwo'),
];
await gateway.stop();
await podman.destroy();
await dockerd.destroy();

let made = 0;
console.log('| command | dockerd | Podman | Podman through the gateway |\n| --- | --- | --- | --- |');
for (const [index, direct] of onPodman.entries()) {
  const gate = shown(through[index]);
  const docker = shown(onDockerd[index]);
  const isSame = gate === shown(direct);
  if (!isSame) made += 1;
  if (isSame && docker === gate) continue;
  console.log(
    `| \`docker ${cell(direct.command)}\` | ${docker} | ${shown(direct)} | ${isSame ? 'the same' : gate} |`,
  );
}
console.log(`\n${STEPS.length} commands; the gateway makes a difference to ${made}.`);
process.exitCode = made === 0 ? 0 : 1;

function shown(came: Came | undefined): string {
  if (came === undefined) return '';
  const said = [came.stdout, came.stderr].map((text) => text.trim()).filter((text) => text !== '');
  return `${came.code}: ${said.map((text) => `\`${cell(text).slice(0, 160)}\``).join(' and ')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ⏎ ');
}
