import { Command } from 'commander';
import { loadConfigToRead } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import type { ReloadReport } from '../reload/reloads.ts';
import { reload } from './control/client.ts';

const EXAMPLES = `
Examples:
  $ quaywarden reload
  $ quaywarden reload --config /etc/quaywarden/quaywarden.yaml && echo in force

All is read and validated before any of it is in force; one fault, and all stays as it was. Connections and open streams
go on. Exit codes: 0 in force, 1 refused, 2 unusable input.
`;

/** `quaywarden reload`. */
export function reloadCommand(): Command {
  return new Command('reload')
    .summary('have the running gateway read its files anew')
    .description('Have the running gateway read configuration, policies, certificates and keys anew.')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print the whole report')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config, json }: { readonly config: string; readonly json?: true }) => {
      const { socket } = loadConfigToRead(config).control;
      const report = await reload(socket);
      if (report === undefined) throw new ConfigError([`no gateway listens on ${socket}; is it running?`]);
      if (json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
      else if (report.outcome === 'refused') process.stderr.write(`${refusal(report)}\n`);
      else process.stdout.write(`${told(report)}\n`);
      if (report.outcome === 'refused') process.exitCode = 1;
    });
}

function refusal({ faults, policyVersion }: ReloadReport): string {
  return [
    ...faults.map((fault) => `quaywarden: ${fault}`),
    `quaywarden: refused; policy ${policyVersion} and all else stay as they were`,
  ].join('\n');
}

function told({ outcome, policyVersion, changed }: ReloadReport): string {
  return outcome === 'unchanged'
    ? `nothing has changed; policy ${policyVersion} is in force`
    : `in force: ${changed.join(', ')}; policy ${policyVersion}`;
}
