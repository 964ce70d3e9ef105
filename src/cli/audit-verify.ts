import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { publicKeyFile } from '../audit/keys.ts';
import { visible } from '../audit/query/table.ts';
import type { Verdict } from '../audit/verify.ts';
import { type ChainVerdict, verifyLog } from '../audit/verify-log.ts';
import { loadConfigToRead } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import { firstSegments } from './audit/first-segments.ts';
import { readPublicKeys } from './audit/public-keys.ts';

interface Options {
  readonly config: string;
  readonly key?: readonly string[];
  readonly from?: ReadonlyMap<number, number>;
  readonly open?: boolean;
  readonly instance?: string;
  readonly checkpoints?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ quaywarden audit verify                                    # the log of the gateway in this folder
  $ quaywarden audit verify ./copy --key signing-public.pem    # anywhere, with the public key alone
  $ quaywarden audit verify ./copy --key signing-public.pem --open --checkpoints kept.jsonl
  $ quaywarden audit verify --from 12,worker-2=9               # older segments of two workers were moved away

  $ quaywarden audit verify ./copy --key signing-public.pem --instance gw1   # and it is the log of gw1

The first place is told where a record was changed, removed, reordered, inserted or cut off, or a file is missing.
A log that ends without a stop is reported as cut: --open accepts that of a copy of one that is being written.
The chains of further workers (worker-2 and so on) are verified too, each by itself; all have to be good.
What a copy holds is the log of whom it says itself, unless --instance names whose it has to be.
What was cut off its end behind the last checkpoint shows by checkpoints that were kept elsewhere (audit.checkpoint.copyTo).
Exit codes: 0 the log is good, 1 it is not, 2 unusable input.
`;

/** `quaywarden audit verify`. */
export function auditVerifyCommand(): Command {
  return new Command('verify')
    .summary('prove that nothing in the log was removed or changed')
    .description('Verify the audit log offline, with nothing but the public key.')
    .argument('[folder]', 'where the segments are (default: audit.folder of the configuration)')
    .option('--config <file>', 'the configuration file, for the folder and the key', 'quaywarden.yaml')
    .option('--key <file...>', 'public keys of those who sign (PEM; default: that of audit.signingKey)')
    .option(
      '--from <segment>',
      'the first segment that has to be there, when older ones were moved away; of several workers 12,worker-2=9',
      firstSegments,
    )
    .option(
      '--instance <name>',
      'the gateway whose log it has to be (default: audit.instance of the configuration, where that is read)',
    )
    .option('--open', 'accept that the log ends in the middle of the work')
    .option('--checkpoints <file>', 'checkpoints that were kept elsewhere; each has to be in the log')
    .option('--json', 'print the verdict as JSON')
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, options: Options) => {
      const chains = verify(folder, options);
      process.stdout.write(`${options.json === true ? toJson(chains) : describeAll(chains)}\n`);
      if (chains.some(({ verdict }) => !verdict.ok)) process.exitCode = 1;
    });
}

function verify(given: string | undefined, options: Options): readonly ChainVerdict[] {
  const { folder, keys, instance } = placeOf(given, options);
  if (!existsSync(folder)) throw new ConfigError([`${folder} is not there; name the folder of the segments`]);
  try {
    return verifyLog(folder, {
      keys: readPublicKeys(keys),
      ...(instance === undefined ? {} : { instance }),
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.open === undefined ? {} : { open: options.open }),
      ...(options.checkpoints === undefined ? {} : { checkpoints: linesOf(options.checkpoints) }),
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${folder} can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

/** With a folder and keys no configuration is needed: whoever verifies has none. */
function placeOf(
  given: string | undefined,
  { config, key, instance }: Options,
): { folder: string; keys: readonly string[]; instance: string | undefined } {
  if (given !== undefined && key !== undefined) return { folder: resolve(given), keys: key, instance };
  const { audit } = loadConfigToRead(config);
  return {
    folder: given === undefined ? audit.folder : resolve(given),
    keys: key ?? [publicKeyFile(audit.signingKey)],
    instance: instance ?? audit.instance,
  };
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'latin1')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    throw new ConfigError([`${file} can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

/** Of one chain its verdict, of several those of all. */
function toJson(chains: readonly ChainVerdict[]): string {
  const [only] = chains;
  if (only !== undefined && chains.length === 1) return JSON.stringify(only.verdict);
  const logs = chains.map(({ folder, verdict }) => ({ folder, ...verdict }));
  return JSON.stringify({ ok: logs.every(({ ok }) => ok), logs });
}

function describeAll(chains: readonly ChainVerdict[]): string {
  const [only] = chains;
  if (only !== undefined && chains.length === 1) return describe(only.verdict);
  const bad = chains.filter(({ verdict }) => !verdict.ok).length;
  return [
    ...chains.map(({ folder, verdict }) => `${folder}\n${describe(verdict)}\n`),
    bad === 0 ? `OK: all ${chains.length} chains` : `NOT OK: ${bad} of ${chains.length} chains`,
  ].join('\n');
}

function describe(verdict: Verdict): string {
  const {
    ok,
    fault,
    gateway = '',
    lines,
    segments,
    requests,
    checkpoints,
    first,
    last,
    from,
    until,
    signedTo,
  } = verdict;
  const period = from === undefined ? '' : `, ${from} to ${until}`;
  const counted =
    lines === 0
      ? 'no records'
      : `${lines} records (${requests} of requests) in ${segments} ${segments === 1 ? 'segment' : 'segments'}, ${first} to ${last}${period}, of the gateway ${visible(gateway)}`;
  if (fault !== undefined) {
    const where = fault.segment === 0 ? '' : ` (segment ${fault.segment}, line ${fault.line})`;
    const proved =
      signedTo === 0
        ? 'Nothing before it is proved by a signature.'
        : `Proved by signatures: records up to ${signedTo}.`;
    return `NOT OK: ${fault.kind} at record ${fault.sequence}${where}: ${visible(fault.sentence)}\n${proved} Read until there: ${counted}`;
  }
  const notes = [
    signedTo === 0 ? `OK, but nothing is signed yet: ${counted}` : `OK: ${counted}`,
    `signed to record ${signedTo} by ${checkpoints} checkpoints; head ${verdict.head}`,
    ...(verdict.lost > 0
      ? [`the gateway says that it could not write ${verdict.lost} records of what had happened`]
      : []),
    ...(verdict.recoveries > 0 ? [`${verdict.recoveries} pieces of lines were set aside after a crash`] : []),
    ...(verdict.isClosed
      ? []
      : [
          `the log is open: ${last - signedTo} records after the last checkpoint are chained and not signed yet`,
        ]),
    ...(verdict.isTorn ? ['its last line is cut in the middle, as one that is being written'] : []),
    ...(verdict.isEndKnown
      ? []
      : [
          'head.json is not there, and no --checkpoints were given: records that were cut off the end would not be missed',
        ]),
  ];
  return ok ? notes.join('\n') : counted;
}
