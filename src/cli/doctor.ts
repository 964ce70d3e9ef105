import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import { examine } from './doctor/examine.ts';
import { about, type Finding } from './doctor/finding.ts';

interface Options {
  readonly config: string;
  readonly json?: true;
}

const FAILED = 1;
const UNUSABLE = 2;
const MARKS = { ok: '✔', warn: '!', fail: '✘' } as const;

const EXAMPLES = `
Examples:
  $ quaywarden doctor
  $ quaywarden doctor --config /etc/quaywarden/quaywarden.yaml --json | jq '.findings[] | select(.level != "ok")'

Nothing is changed. Exit codes: 0 nothing failed, 1 a check failed, 2 the configuration can not be used.
`;

/** `quaywarden doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('check configuration, certificates, policy and Engine')
    .description(
      'Check configuration, certificates, token keys, policy, audit log, sessions, ports and Engine, and say what to do about each fault.',
    )
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config, json }: Options) => {
      const { findings, usable } = await diagnose(config);
      const ok = !findings.some(({ level }) => level === 'fail');
      process.stdout.write(`${json ? JSON.stringify({ ok, findings }, null, 2) : table(findings)}\n`);
      process.exitCode = usable ? (ok ? 0 : FAILED) : UNUSABLE;
    });
}

async function diagnose(path: string): Promise<{ findings: Finding[]; usable: boolean }> {
  const { ok, fail } = about('configuration');
  try {
    const config = loadConfig(path);
    return { findings: [ok(`${path} is sound`), ...(await examine(config))], usable: true };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const advice = 'the other checks need a sound configuration; see docs/configuration.md';
    return { findings: error.faults.map((fault) => fail(fault, advice)), usable: false };
  }
}

function table(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const lines = findings.flatMap(({ level, subject, sentence, advice }) => [
    `${MARKS[level]} ${subject.padEnd(width)}  ${sentence}`,
    ...(advice === undefined ? [] : [`  ${' '.repeat(width)}  → ${advice}`]),
  ]);
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length;
  return [...lines, '', `${count('fail')} failed, ${count('warn')} to look at, ${count('ok')} in order`].join(
    '\n',
  );
}
