import type { Logger } from 'pino';
import { workerFolder, workerInstance } from '../audit/log-folders.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { type ConfigSource, type Gateway, startGateway } from '../gateway.ts';
import { fixedFaults } from '../reload/fixed.ts';
import type { Cause } from '../reload/reloads.ts';
import type { Answers, Asked, Begin, Question, Told } from './messages.ts';

/**
 * The configuration as one of several processes has it. Each writes a log of its own, as a chain has one end; the first
 * goes on with the one that is there.
 *
 * @param number of the worker, from 1
 */
export function configOfWorker(config: Config, number: number): Config {
  const { audit } = config;
  const own = {
    folder: workerFolder(audit.folder, number),
    instance: workerInstance(audit.instance, number),
  };
  return { ...config, audit: { ...audit, ...own } };
}

const UNUSABLE = 2;

/** Serves as a worker: does what its parent asks, and stops when that is gone. */
export async function serveAsWorker(
  source: ConfigSource,
  makeLog: (config: Config) => Logger,
): Promise<void> {
  // Those of a terminal or of systemd come to all processes; the parent says when it is time.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const { number, config: parents } = await new Promise<Begin>((resolve) => {
    process.once('message', resolve);
    tell({ type: 'waiting' });
  });
  const read = (): Config => configOfWorker(source.read(), number);
  let gateway: Gateway;
  try {
    const config = read();
    // Who takes the place of another comes later, and the file may say something else by then.
    const faults = fixedFaults(configOfWorker(parents, number), config);
    if (faults.length > 0) throw new ConfigError(faults);
    const log = makeLog(config);
    gateway = await startGateway(config, { log, source: { ...source, read }, worker: number });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell({ type: 'unusable', faults: error.faults }, () => process.exit(UNUSABLE));
    return;
  }
  const stop = (): Promise<null> => {
    stopping ??= gateway.stop().then(() => null);
    return stopping;
  };
  let stopping: Promise<null> | undefined;
  process.on('message', (asked: Asked) => {
    answerTo(gateway, stop, asked).then(
      (answer) => {
        tell({ type: 'answer', id: asked.id, answer }, () => {
          if (asked.ask === 'stop') process.exit(0);
        });
      },
      (error: unknown) => tell({ type: 'failed', id: asked.id, message: (error as Error).message }),
    );
  });
  process.on('disconnect', () => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  tell({ type: 'listening', ...gateway.address });
}

function answerTo(
  { operator }: Gateway,
  stop: () => Promise<null>,
  { ask, argument }: Asked,
): Promise<Answers[Question]> {
  switch (ask) {
    case 'ready':
      return operator.ready();
    case 'metrics':
      return operator.metrics();
    case 'sessions':
      return operator.sessions();
    case 'endSession':
      return operator.endSession(argument);
    case 'reload':
      return operator.reload(argument as Cause);
    case 'stop':
      return stop();
  }
}

/** @param sent called once it is on its way, or can not be */
function tell(told: Told, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(told, sent);
  // A parent that is gone is told nothing; `disconnect` says so.
  else sent();
}
