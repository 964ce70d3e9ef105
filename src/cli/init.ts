import { join } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import { collect, wholeNumber } from './arguments.ts';
import { type InitReport, initialise, issueClient, LEAF_DAYS } from './init/initialise.ts';
import { allPresets } from './init/presets.ts';
import { roleNotes } from './role-notes.ts';

interface Options {
  readonly dir: string;
  readonly host?: readonly string[];
  readonly days: number;
  readonly tenants?: boolean;
  readonly preset?: readonly string[];
  readonly sockets?: string;
  readonly listPresets?: boolean;
  readonly client?: string;
  readonly role?: readonly string[];
  readonly tenant?: string;
}

const EXAMPLES = `
Examples:
  $ quaywarden init                                   # everything for a gateway on this machine
  $ quaywarden init --dir /etc/quaywarden --host docker.example.org --host 192.0.2.7
  $ quaywarden init --tenants                         # the same for several tenants on one Engine
  $ quaywarden init --preset traefik --preset uptime-kuma   # and what these clients need, and no more
  $ quaywarden init --list-presets
  $ quaywarden init --client alice --role developer --tenant team-a
  $ quaywarden init --client alice --role developer   # one more client certificate, in certs/alice

What is there already is never overwritten. Exit codes: 0 done, 2 unusable input.
`;

/** `quaywarden init`. */
export function initCommand(): Command {
  return new Command('init')
    .summary('make certificates, a configuration and starter policies')
    .description(
      'Make a CA, a server certificate, client certificates, a token key, a configuration and starter policies. ' +
        'With --client: issue one more client certificate from that CA.',
    )
    .option('--dir <dir>', 'the folder to make them in', '.')
    .option('--host <name>', 'a further DNS name or IP address of the server (repeatable)', collect)
    .option('--days <n>', 'lifetime of certificates', wholeNumber(1, 3_650), LEAF_DAYS)
    .option('--tenants', 'set up for several tenants that are kept apart')
    .addOption(
      new Option(
        '--preset <name>',
        'set up for a client that there is a preset of: its grants, its listener or certificate, its compose file (repeatable)',
      )
        .argParser(collect)
        .conflicts('tenants'),
    )
    .option(
      '--sockets <dir>',
      'where the sockets of local listeners are to lie (default: run/ in that folder)',
    )
    .option('--list-presets', 'list the presets, and do nothing else')
    .addOption(
      new Option('--client <name>', 'issue a client certificate to NAME, into certs/NAME').conflicts([
        'host',
        'tenants',
        'preset',
        'sockets',
      ]),
    )
    .option('--role <role>', 'a role of that client (repeatable)', collect)
    .option('--tenant <tenant>', 'the tenant of that client (default: "default")')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      if (options.listPresets === true) {
        process.stdout.write(presetTable());
        return;
      }
      const report = await run(options);
      const { client, dir } = options;
      const next =
        client === undefined
          ? nextStep(dir, options.preset ?? [])
          : clientStep(`${report.dir}/certs/${client}`);
      process.stdout.write(`${describe(report)}\n\n${next}\n`);
    });
}

/** What was made, what was kept, and what asked-for thing was not done. */
export function describe({ dir, made, kept, notes }: InitReport): string {
  const list = (paths: readonly string[]): string[] => paths.map((path) => `  ${path}`);
  return [
    ...(made.length > 0 ? [`Made in ${dir}:`, ...list(made)] : [`Nothing was missing in ${dir}.`]),
    ...(kept.length > 0 ? ['Kept as they were:', ...list(kept)] : []),
    ...notes.map((note) => `Note: ${note}`),
  ].join('\n');
}

async function run({
  client,
  dir,
  host = [],
  days,
  tenants = false,
  preset = [],
  sockets,
  role = [],
  tenant,
}: Options): Promise<InitReport> {
  if (client === undefined) {
    if (role.length > 0 || tenant !== undefined)
      throw new ConfigError(['--role and --tenant need --client NAME']);
    const where = sockets === undefined ? {} : { sockets };
    return initialise(dir, { hosts: host, days, tenants, presets: preset, ...where });
  }
  if (role.length === 0)
    throw new ConfigError([`--client ${client} needs at least one --role, such as --role developer`]);
  const report = await issueClient(dir, { name: client, roles: role, tenant: tenant ?? 'default', days });
  return { ...report, notes: [...report.notes, ...roleNotes(grantsOf(dir), role)] };
}

/** The grants that the gateway of this folder goes by; a CA's folder without a gateway has none. */
function grantsOf(dir: string): string | undefined {
  try {
    const { store, grants } = loadConfig(join(dir, 'quaywarden.yaml')).policy;
    return store === 'files' ? grants : undefined;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function nextStep(dir: string, presets: readonly string[]): string {
  const serve = dir === '.' ? 'quaywarden serve' : `quaywarden serve --config ${dir}/quaywarden.yaml`;
  if (presets.length === 0) return `Next: ${serve}`;
  const read = presets
    .map((name) => `${dir === '.' ? '' : `${dir}/`}presets/${name}/README.md`)
    .join(' and ');
  return `Next: ${serve}\nFor the client: ${read}`;
}

/** One line a preset. */
function presetTable(): string {
  const presets = allPresets();
  const width = Math.max(...presets.map(({ name }) => name.length));
  const line = ({ name, checked, summary }: (typeof presets)[number]): string =>
    `${name.padEnd(width)}  ${checked.padEnd('documented'.length)}  ${summary}\n`;
  return presets.map(line).join('');
}

function clientStep(folder: string): string {
  return `Next: hand the folder ${folder} to its holder by a safe way; its key.pem is secret.`;
}
