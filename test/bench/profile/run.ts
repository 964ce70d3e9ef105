import { writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { wholeNumber } from '../../../src/cli/arguments.ts';
import { provision } from '../../support/provision.ts';
import { byFile, byFunction, type Share, stacksOf } from './cpuprofile.ts';
import { drive, PROFILED, type Profiled } from './drive.ts';
import { flameGraph } from './flame.ts';

/** `npm run profile -- ROW`: where the gateway's CPU time goes in one row of the benchmark. */

const MOST_FILES = 30;
const MOST_FUNCTIONS = 40;

await new Command('profile')
  .description(
    'Profile the gateway with everything on while it is driven with a row of the benchmark. Prints the files and ' +
      'functions that the time was spent in, and draws docs/pictures/flame-ROW.svg.',
  )
  .addArgument(new Argument('<row>', 'what it is driven with').choices(PROFILED))
  .option('--seconds <n>', 'how long', wholeNumber(1, 300), 8)
  .option('--out <file>', 'where the picture goes; default: docs/pictures/flame-ROW.svg')
  .action(async (what: Profiled, { seconds, out }: { readonly seconds: number; readonly out?: string }) => {
    await provision();
    const { row, profile, cpu, unit } = await drive(what, seconds);
    const root = stacksOf(profile);
    const cost = unit === 'us' ? `${cpu.toFixed(0)} us of CPU each` : `${cpu.toFixed(2)} s of CPU a GB`;
    print('files', byFile(root).slice(0, MOST_FILES));
    print('functions', byFunction(root).slice(0, MOST_FUNCTIONS));
    const date = new Date().toISOString().slice(0, 10);
    const picture = out ?? new URL(`../../../docs/pictures/flame-${what}.svg`, import.meta.url);
    writeFileSync(picture, flameGraph(root, `${row}: ${cost}, ${date}`));
    process.stdout.write(`\n${row}: ${cost}, with the profiler running.\n`);
  })
  .parseAsync();

function print(title: string, shares: readonly Share[]): void {
  const lines = shares.map(({ name, self }) => `${(self * 100).toFixed(1).padStart(5)} %  ${name}`);
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}
