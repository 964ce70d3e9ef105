import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { areSeveral, enginesOf } from '../config/engines.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Fleet } from '../fleet/fleet.ts';
import { serveAsWorker } from '../fleet/worker.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { createLog } from '../observe/log.ts';
import { notify } from '../observe/service-manager.ts';
import { observedWhom } from '../policy/observed.ts';
import { type EngineProbe, probeEngine } from '../upstream/probe.ts';
import { pasteLines } from './serve/paste-lines.ts';

const DEFAULT_CONFIG = 'quaywarden.yaml';

const EXAMPLES = `
Examples:
  $ quaywarden serve                                   # makes a configuration and certificates when there are none
  $ quaywarden serve --config /etc/quaywarden/quaywarden.yaml
  $ DOCKER_SOCK=/run/user/1000/docker.sock quaywarden serve
  $ quaywarden serve --observe                         # tries the policy out: what it refuses is recorded, and forwarded

SIGHUP reads configuration, policies and certificates anew, as a change of one of these files does by itself.
SIGTERM and SIGINT let open exchanges end within shutdown.graceSeconds; a second signal ends at once.
Exit codes: 0 stopped by a signal, 1 failed while serving, 2 unusable input.
`;

/** `quaywarden serve`. */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('start the gateway')
    .description(
      'Start the gateway. Without --config and without a quaywarden.yaml in the current folder it makes one first, as `quaywarden init` does.',
    )
    .option('--config <file>', `the configuration file (default: "${DEFAULT_CONFIG}")`)
    .option(
      '--observe',
      'record what the policy would refuse, and forward it, as policy.mode: observe does (docs/learning.md)',
    )
    .addHelpText('after', EXAMPLES)
    .action(({ config, observe }: { config?: string; observe?: true }) => serve(config, observe === true));
}

/** Starts a gateway; resolves when it listens, and leaves the process to its signals. */
async function serve(file: string | undefined, observe: boolean): Promise<void> {
  if (file === undefined && !existsSync(DEFAULT_CONFIG)) {
    say(`There is no ${DEFAULT_CONFIG} here, so this is made first:`);
    say(`${await begin()}\n`);
  }
  const path = file ?? DEFAULT_CONFIG;
  const read = (): Config => (observe ? observed(loadConfig(path)) : loadConfig(path));
  const source = { file: resolve(path), read };
  if (cluster.isWorker) return serveAsWorker(source, openLog);
  const config = source.read();
  const log = openLog(config);
  const gateway =
    config.workers > 1 ? await Fleet.start(config, log) : await startGateway(config, { log, source });
  stopOnSignals(gateway, log);
  process.on('SIGHUP', () => void gateway.operator.reload('signal'));
  const { host, port } = gateway.address;
  say(`quaywarden listening on https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  // All at once: what is wrong with one keeps no other waiting.
  const engines = enginesOf(config);
  const probes = await Promise.all(engines.map((engine) => probeEngine(engine)));
  for (const [index, engine] of engines.entries()) {
    const probe = probes[index] as EngineProbe;
    say(areSeveral(config) ? `${engine.name}: ${engineLine(engine, probe)}` : engineLine(engine, probe));
  }
  const observing = observedWhom(config.policy);
  if (observing.length > 0) say(observingLine(observing));
  await notify('READY=1', log);
  const lines =
    config.tls.clientCertificate === 'none' ? [] : pasteLines(dirname(resolve(path)), gateway.address);
  if (lines.length > 0) say(`\n${lines.join('\n')}`);
}

function openLog({ log: { level } }: Config): Logger {
  const log = createLog(level);
  failClosed(log);
  return log;
}

/** Loaded only now: what makes certificates takes a tenth of a start, and most starts make none. */
async function begin(): Promise<string> {
  const [{ initialise }, { describe }] = await Promise.all([
    import('./init/initialise.ts'),
    import('./init.ts'),
  ]);
  return describe(await initialise('.'));
}

/** The same, with nothing refused by the policy: reloads too. */
function observed(config: Config): Config {
  return { ...config, policy: { ...config.policy, mode: 'observe' } };
}

function observingLine(whom: readonly string[]): string {
  const who = whom.includes('*') ? 'everybody' : whom.join(', ');
  return `OBSERVING ${who}: what the policy refuses is recorded, and FORWARDED to the Engine (docs/learning.md)`;
}

function engineLine({ address }: Pick<Config['engine'], 'address'>, probe: EngineProbe): string {
  return probe.reachable
    ? `in front of Docker Engine ${probe.version} at ${address} (API ${probe.minApiVersion} to ${probe.apiVersion})`
    : `no Docker Engine yet: ${probe.error}; until it answers, requests get 503`;
}

/** The first signal stops gracefully, the second at once. */
function stopOnSignals(gateway: Pick<Gateway, 'stop'>, log: Logger): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    void notify('STOPPING=1', log);
    gateway.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'the gateway did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** After an error nobody caught, nobody knows what the process would let through. */
function failClosed(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'an unexpected error; the gateway ends');
    process.exit(1);
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
