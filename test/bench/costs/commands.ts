import { docker } from '../../support/docker.ts';
import { rotated } from '../load/measure.ts';
import { type Spread, spread } from '../publish/spread.ts';
import { table } from '../publish/table.ts';

/** What stands between the docker CLI and the Engine. */
type Way = 'gateway' | 'haproxy' | 'node';

/** What a docker command took, from its start to its end. */
export interface CommandCost {
  readonly command: string;
  readonly through: Way;
  readonly ms: Spread;
  readonly dockerdMs: Spread;
  /** Median of the ratios of each turn. */
  readonly ratio: Spread;
}

const TURNS = 12;

/** Who answers paths of a list does so for no more of what the CLI asks for. */
const LISTED: readonly Way[] = ['gateway', 'haproxy', 'node'];

/**
 * Measures the docker CLI through the gateway and at dockerd's own TLS port, in turns; a list through the other contenders too.
 *
 * @param container a running one
 */
export async function commandCosts(
  ports: { readonly [W in Way | 'dockerd']: number },
  certPath: string,
  container: string,
): Promise<CommandCost[]> {
  const commands: readonly (readonly [ways: readonly Way[], command: readonly string[]])[] = [
    [LISTED, ['ps']],
    [['gateway'], ['exec', container, 'true']],
    [['gateway'], ['run', '--rm', 'busybox', 'true']],
  ];
  const costs: CommandCost[] = [];
  for (const [ways, command] of commands) {
    const run = async (through: keyof typeof ports): Promise<number> => {
      const started = performance.now();
      const { code, stderr } = await docker(command, { host: `tcp://127.0.0.1:${ports[through]}`, certPath });
      if (code !== 0) throw new Error(`docker ${command.join(' ')} through ${through}: ${stderr}`);
      return performance.now() - started;
    };
    const all = [...ways, 'dockerd'] as const;
    const times = new Map<string, number[]>(all.map((through) => [through, []]));
    for (const through of all) await run(through);
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const through of rotated(all, turn)) times.get(through)?.push(await run(through));
    }
    const direct = times.get('dockerd') ?? [];
    const shown = `docker ${command.map((word) => (word === container ? 'CONTAINER' : word)).join(' ')}`;
    for (const through of ways) {
      const own = times.get(through) ?? [];
      const ratio = spread(own.map((ms, turn) => ms / (direct[turn] ?? Number.NaN)));
      costs.push({ command: shown, through, ms: spread(own), dockerdMs: spread(direct), ratio });
    }
  }
  return costs;
}

/** As a Markdown table. */
export function commandTable(costs: readonly CommandCost[]): string {
  const range = ({ median, least, most }: Spread): string =>
    `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
  return table(
    ['docker command', 'through', 'ms', "dockerd's own TLS, ms", 'to dockerd'],
    costs.map(({ command, through, ms, dockerdMs, ratio }) => [
      ...[command, through, range(ms), range(dockerdMs), ratio.median.toFixed(2)],
    ]),
    2,
  );
}
