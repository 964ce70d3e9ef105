import { Command } from 'commander';
import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { enginesOf } from '../config/engines.ts';
import { loadConfig } from '../config/load.ts';
import { ConfigError, Refusal } from '../errors.ts';
import { isWord } from '../identity/names.ts';
import { ADOPTABLE, adopt, loadAdopted } from '../tenancy/adopted.ts';
import { Objects } from '../tenancy/objects.ts';
import type { Owned, OwnedKind } from '../tenancy/owned.ts';
import { UNOWNED } from '../tenancy/resource.ts';
import { asker } from '../upstream/ask.ts';
import { createEngine } from '../upstream/engine.ts';

interface Options {
  readonly config: string;
  readonly tenant: string;
  readonly engine: string;
  readonly yes?: true;
  readonly json?: true;
}

/** Networks that every Engine has are nobody's. */
const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'ingress', 'docker_gwbridge']);

const EXAMPLES = `
Examples:
  $ quaywarden adopt --tenant team-a                            # what nobody owns; nothing is changed
  $ quaywarden adopt --tenant team-a web volume/db network/back # what would be handed to team-a
  $ quaywarden adopt --tenant team-a web volume/db --yes        # hands it over
  $ quaywarden adopt --tenant team-a --engine build             # what nobody owns on the Engine build

An OBJECT is KIND/NAME or KIND/ID with a kind of ${ADOPTABLE.join(', ')}; without a kind it is a container.
The Engine changes no labels of what exists, so what is handed over stands in a file, tenancy.adopted or that of the
named Engine, which every gateway of this Engine needs and reads when it starts. Exit codes: 0 done, 1 an object is not
there or somebody's already, 2 unusable input.
`;

/** `quaywarden adopt`. */
export function adoptCommand(): Command {
  return new Command('adopt')
    .summary('hand objects from before the gateway to a tenant')
    .description(
      'Hand containers and other objects that nobody owns to a tenant. Without --yes it only says what it would do.',
    )
    .argument('[object...]', 'what to hand over; without any, what nobody owns is listed')
    .requiredOption('--tenant <tenant>', 'to whom')
    .option('--engine <name>', 'on which Engine, where there are several', DEFAULT_ENGINE)
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--yes', 'do it')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(
  references: readonly string[],
  { config: path, tenant, engine: name, yes, json }: Options,
): Promise<void> {
  const config = loadConfig(path);
  if (!config.tenancy.enabled) {
    throw new ConfigError([
      `${path}: tenancy.enabled is false, so nobody owns anything; set it to true first`,
    ]);
  }
  if (!isWord(tenant)) throw new ConfigError([`"${tenant}" can not be the name of a tenant`]);
  const wanted = references.map(parse);
  const engines = enginesOf(config);
  const configured = engines.find((each) => each.name === name);
  if (configured === undefined) {
    const names = engines.map((each) => each.name).join(', ');
    throw new ConfigError([
      `--engine ${JSON.stringify(name)} names no Engine of ${path}: there are ${names}`,
    ]);
  }
  const { adopted: file } = configured;
  const engine = createEngine(configured);
  try {
    const ask = asker(engine);
    const objects = new Objects((target) => ask('GET', target), loadAdopted(file));
    const unowned = await listUnowned(objects);
    if (wanted.length === 0) {
      print(unowned, json, 'Nobody owns these; name those to hand over:', 'Everything has an owner.');
      return;
    }
    const found = wanted.map(({ kind, reference }) => ({
      asked: `${kind}/${reference}`,
      object: pick(
        unowned.filter((each) => each.kind === kind),
        reference,
      ),
    }));
    const missing = found.filter(({ object }) => object === undefined).map(({ asked }) => asked);
    if (missing.length > 0) {
      process.stderr.write(
        `quaywarden: ${missing.join(', ')}: not there, not clear, or somebody's already; \`quaywarden adopt --tenant ${tenant}${name === DEFAULT_ENGINE ? '' : ` --engine ${name}`}\` lists what nobody owns\n`,
      );
      process.exitCode = 1;
      return;
    }
    const objectsToHand = found.flatMap(({ object }) => (object === undefined ? [] : [object]));
    if (yes) adopt(file, objectsToHand, tenant);
    const heading = yes
      ? `Handed to ${tenant}, in ${file}; start the gateways again:`
      : `Would be handed to ${tenant} (do it with --yes):`;
    print(objectsToHand, json, heading, '');
  } catch (error) {
    if (error instanceof Refusal) throw new ConfigError([error.message]);
    throw error;
  } finally {
    await engine.close();
  }
}

function parse(text: string): { readonly kind: OwnedKind; readonly reference: string } {
  const slash = text.indexOf('/');
  const kind = slash === -1 ? 'container' : text.slice(0, slash);
  const reference = text.slice(slash + 1);
  if (ADOPTABLE.includes(kind as OwnedKind) && reference !== '')
    return { kind: kind as OwnedKind, reference };
  throw new ConfigError([`"${text}" is not KIND/NAME with a kind of ${ADOPTABLE.join(', ')}`]);
}

async function listUnowned(objects: Objects): Promise<Owned[]> {
  const unowned: Owned[] = [];
  for (const kind of ADOPTABLE) {
    // Without a swarm there are no services, secrets and configs.
    const all = await objects.all(kind).catch((error: unknown) => {
      if (error instanceof Refusal && error.status === 503 && error.verbatim) return [];
      throw error;
    });
    for (const each of all) {
      const owned = await objects.owned(each);
      if (owned.tenant === UNOWNED && !(kind === 'network' && PREDEFINED.has(owned.name)))
        unowned.push(owned);
    }
  }
  return unowned;
}

/** By whole id, by name, or by the one beginning of an id. */
function pick(all: readonly Owned[], reference: string): Owned | undefined {
  for (const fits of [
    ({ id }: Owned) => id === reference,
    ({ name }: Owned) => name === reference,
    ({ id }: Owned) => id.startsWith(reference),
  ]) {
    const [found, another] = all.filter(fits);
    if (another !== undefined) return undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function print(objects: readonly Owned[], json: true | undefined, heading: string, none: string): void {
  if (json) {
    process.stdout.write(
      `${JSON.stringify(
        objects.map(({ kind, id, name }) => ({ kind, id, name })),
        null,
        2,
      )}\n`,
    );
    return;
  }
  const lines = objects.map(
    ({ kind, id, name }) => `  ${kind.padEnd(9)}  ${id.slice(0, 12).padEnd(12)}  ${name}`,
  );
  process.stdout.write(`${objects.length === 0 ? none : [heading, ...lines].join('\n')}\n`);
}
