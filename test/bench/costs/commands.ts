import { docker } from '../../support/docker.ts';
import { type Spread, spread } from '../publish/spread.ts';
import { table } from '../publish/table.ts';

/** What a docker command took, from its start to its end. */
export interface CommandCost {
  readonly command: string;
  readonly gatewayMs: Spread;
  readonly dockerdMs: Spread;
  /** Median of the ratios of each turn. */
  readonly ratio: Spread;
}

const TURNS = 15;

/**
 * Measures the docker CLI through the gateway and at dockerd's own TLS port, in turns.
 *
 * @param container a running one
 */
export async function commandCosts(
  ports: { readonly gateway: number; readonly dockerd: number },
  certPath: string,
  container: string,
): Promise<CommandCost[]> {
  const commands = [['ps'], ['exec', container, 'true'], ['run', '--rm', 'busybox', 'true']];
  const costs: CommandCost[] = [];
  for (const command of commands) {
    const times = { gateway: [] as number[], dockerd: [] as number[] };
    const run = async (through: keyof typeof ports): Promise<number> => {
      const started = performance.now();
      const { code, stderr } = await docker(command, { host: `tcp://127.0.0.1:${ports[through]}`, certPath });
      if (code !== 0) throw new Error(`docker ${command.join(' ')} through ${through}: ${stderr}`);
      return performance.now() - started;
    };
    for (const through of ['gateway', 'dockerd'] as const) await run(through);
    for (let turn = 0; turn < TURNS; turn += 1) {
      const order = turn % 2 === 0 ? (['gateway', 'dockerd'] as const) : (['dockerd', 'gateway'] as const);
      for (const through of order) times[through].push(await run(through));
    }
    costs.push({
      command: `docker ${command.map((word) => (word === container ? 'CONTAINER' : word)).join(' ')}`,
      gatewayMs: spread(times.gateway),
      dockerdMs: spread(times.dockerd),
      ratio: spread(times.gateway.map((ms, turn) => ms / (times.dockerd[turn] ?? Number.NaN))),
    });
  }
  return costs;
}

/** As a Markdown table. */
export function commandTable(costs: readonly CommandCost[]): string {
  const range = ({ median, least, most }: Spread): string =>
    `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
  return table(
    ['docker command', 'through the gateway, ms', "dockerd's own TLS, ms", 'to dockerd'],
    costs.map(({ command, gatewayMs, dockerdMs, ratio }) => [
      ...[command, range(gatewayMs), range(dockerdMs), ratio.median.toFixed(2)],
    ]),
    1,
  );
}
