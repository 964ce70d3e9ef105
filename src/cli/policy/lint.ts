import { relative } from 'node:path';
import { Command } from 'commander';
import { visible } from '../../audit/query/table.ts';
import { deskConfig } from '../../workbench/desk.ts';
import { lintFiles } from '../../workbench/lint/files.ts';
import type { Finding } from '../../workbench/lint/finding.ts';
import { print } from '../audit/show.ts';
import { filesIn } from './source.ts';
import { withConfig } from './who-asks.ts';

interface Options {
  readonly strict?: true;
  readonly tenants?: true;
  readonly config: string;
  readonly json?: true;
}

const FAILED = 1;

const EXAMPLES = `
Examples:
  $ quaywarden policy lint                               # the policy of quaywarden.yaml
  $ quaywarden policy lint policies/next.csv --strict    # before it is put in force
  $ quaywarden policy lint policies/tenants.csv --tenants
  $ quaywarden policy lint learned                       # a folder, with the profiles that it brings along
  $ quaywarden policy lint --json | jq -r '.[] | select(.id == "root-on-host") | .line'

Errors are what the gateway would not start with; warnings what is hardly meant, or amounts to root on the host; notes
what is worth a look. A comment above a line silences what it names:
  # lint: allow root-on-host - operators run this Engine
Ids are listed in docs/workbench.md. Exit codes: 0 nothing to mend, 1 errors (with --strict warnings too), 2 unusable input.
`;

/** `quaywarden policy lint`. */
export function lintCommand(): Command {
  const command = new Command('lint')
    .summary('look for mistakes in policies, and for what amounts to root')
    .description(
      'Look through grants for faults, for lines without effect, and for rights that amount to root on the host.',
    )
    .argument('[files...]', "files of grants, or folders of policies (default: the configuration's)")
    .option('--strict', 'fail on warnings too')
    .option('--tenants', 'read the files as where tenants are told apart (tenancy.enabled)');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], { strict, tenants, config: path, json }: Options) => {
      const config = deskConfig(path);
      const read = tenants ? { ...config, tenancy: { ...config.tenancy, enabled: true } } : config;
      const findings: Finding[] = [];
      if (files.length === 0) findings.push(...(await lintFiles(read)));
      for (const file of files) {
        const { grants, ...besides } = filesIn(file, config.policy);
        const isWhole = grants !== file;
        const policy = { ...config.policy, ...besides, store: 'files' as const };
        findings.push(...(await lintFiles(isWhole ? { ...read, policy } : read, grants)));
      }
      await print(json ? [JSON.stringify(findings, null, 2)] : told(findings));
      const fails = findings.some(
        ({ severity }) => severity === 'error' || (strict && severity === 'warning'),
      );
      if (fails) process.exitCode = FAILED;
    });
}

function told(findings: readonly Finding[]): readonly string[] {
  const lines = findings.map(({ file, line, severity, id, sentence }) =>
    visible(`${nameOf(file)}:${line}: ${severity}: ${sentence} [${id}]`),
  );
  const count = (wanted: Finding['severity']): string => {
    const number = findings.filter(({ severity }) => severity === wanted).length;
    return `${number} ${wanted}${number === 1 ? '' : 's'}`;
  };
  return [...lines, `${count('error')}, ${count('warning')}, ${count('note')}`];
}

/** As short as it is from here. */
function nameOf(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
