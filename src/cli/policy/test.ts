import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { visible } from '../../audit/query/table.ts';
import { ConfigError } from '../../errors.ts';
import { deskConfig } from '../../workbench/desk.ts';
import { runTests, type TestResult } from '../../workbench/run-tests.ts';
import { tell } from '../../workbench/tell.ts';
import { readTests } from '../../workbench/test-file.ts';
import { print } from '../audit/show.ts';
import { toldOf, withConfig } from './who-asks.ts';

interface Options {
  readonly config: string;
  readonly json?: true;
}

const FAILED = 1;
const SUFFIX = '.test.yaml';

const EXAMPLES = `
Examples:
  $ quaywarden policy test                              # every *.test.yaml beside the grants of quaywarden.yaml
  $ quaywarden policy test policies/grants.test.yaml

A file of tests:
  grants: grants.csv
  tests:
    - who: alice
      roles: [developer]
      docker: docker run -v /:/host busybox
      expect: deny
      reason: host-path
    - who: alice
      roles: [developer]
      http: POST /containers/create?name=web
      body: { Image: busybox }
      expect: allow

No Engine is asked. Exit codes: 0 all passed, 1 some failed, 2 unusable input. See docs/workbench.md.
`;

/** `quaywarden policy test`. */
export function testCommand(): Command {
  const command = new Command('test')
    .summary('run the tests of policies')
    .description('Run table tests against policies, without an Engine.')
    .argument('[files...]', `files of tests (default: every *${SUFFIX} beside the configuration's grants)`);
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (named: readonly string[], { config: path, json }: Options) => {
      const config = deskConfig(path);
      const files = named.length > 0 ? named : testsIn(dirname(config.policy.grants));
      const began = performance.now();
      const results: TestResult[] = [];
      for (const file of files) results.push(...(await runTests(readTests(file), config)));
      const taken = Math.round(performance.now() - began);
      await print(json ? [JSON.stringify(results.map(toJson), null, 2)] : told(results, taken));
      if (results.some(({ faults }) => faults.length > 0)) process.exitCode = FAILED;
    });
}

/** @throws ConfigError when there is none */
function testsIn(folder: string): readonly string[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  } catch {
    // Named below.
  }
  if (names.length === 0) {
    throw new ConfigError([
      `there is no *${SUFFIX} in ${folder}; write one as docs/workbench.md shows, or name a file`,
    ]);
  }
  return names.sort().map((name) => join(folder, name));
}

function told(results: readonly TestResult[], taken: number): readonly string[] {
  const failed = results.filter(({ faults }) => faults.length > 0);
  const lines = failed.flatMap(({ test, desk, principal, request, considered, faults }) => [
    visible(`✘ ${test.at}: ${test.name ?? test.docker ?? test.http}: ${faults.join('; ')}`),
    visible(`  ${request}`),
    ...tell(considered, toldOf(desk, principal)).map((line) => (line === '' ? '' : `  ${line}`)),
    '',
  ]);
  return [...lines, `${results.length - failed.length} passed, ${failed.length} failed (${taken} ms)`];
}

function toJson({ test, request, considered, faults }: TestResult): object {
  const { effect, reason, grant } = considered;
  const name = test.name ?? test.docker ?? test.http;
  return {
    file: basename(test.at),
    name,
    passed: faults.length === 0,
    faults,
    request,
    effect,
    reason,
    grant,
  };
}
