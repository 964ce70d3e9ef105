import { Command, CommanderError } from 'commander';
import { formatImageName, parseImageName } from '../../docker/image-reference.ts';
import { encodeName } from '../../docker/path.ts';
import { ConfigError } from '../../errors.ts';
import { type CreateOptions, createBody } from './create-body.ts';
import { flag, mapOf, pairOf, type Step, target } from './steps.ts';
import { wordsOf } from './words.ts';

type Options = CreateOptions;

/** The requests that a docker command makes, and the container that it makes. */
export interface Translated {
  readonly steps: readonly Step[];
  /** The name of a container that is made; undefined where none is. */
  readonly made?: string | undefined;
}

/** The exec instance that `docker exec` makes. */
export const EXEC_ID = 'e'.repeat(64);
const UNNAMED = 'unnamed';

/**
 * Translates a docker command line into the requests that the docker CLI makes, those by which it asks for the Engine's
 * version left out. `docker build` is the classic builder's.
 *
 * @throws ConfigError for a command or a flag that is not translated
 */
export function translate(line: string): Translated {
  const words = wordsOf(line);
  if (words[0] !== 'docker')
    throw new ConfigError([`${line}: a command line begins with docker; or write http: instead`]);
  let translated: Translated | undefined;
  const complaints: string[] = [];
  const program = programOf((made) => {
    translated = made;
  });
  prepare(program, complaints);
  try {
    program.parse(words.slice(1), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const why =
      complaints
        .join(' ')
        .trim()
        .replace(/^error: /, '')
        .replace(/\s+/g, ' ') || 'it is not translated';
    throw new ConfigError([`${line}: ${why}; write the request as raw HTTP (http:) instead`]);
  }
  if (translated === undefined)
    throw new ConfigError([`${line}: it is not translated; write it as raw HTTP (http:)`]);
  return translated;
}

function prepare(command: Command, complaints: string[]): void {
  command
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr: (text) => complaints.push(text), writeOut: () => {} });
  for (const inner of command.commands) prepare(inner, complaints);
}

const more = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function programOf(done: (translated: Translated) => void): Command {
  const steps = (...all: readonly Step[]): void => done({ steps: all });
  const root = new Command('docker').enablePositionalOptions().helpCommand(false);
  const group = (name: string): Command => root.command(name).enablePositionalOptions().helpCommand(false);

  for (const name of ['run', 'create']) {
    withCreateFlags(root.command(`${name} <image> [command...]`))
      .option('-d, --detach')
      .passThroughOptions()
      .action((image: string, command: readonly string[], options: Options) =>
        done({
          steps: [...creating(image, command, options), ...(name === 'run' ? running(options) : [])],
          made: nameOf(options),
        }),
      );
  }
  root
    .command('exec <container> <command...>')
    .option('-d, --detach')
    .option('-i, --interactive')
    .option('-t, --tty')
    .option('--privileged')
    .option('-e, --env <v>', '', more)
    .option('-u, --user <v>')
    .option('-w, --workdir <v>')
    .passThroughOptions()
    .action((container: string, command: readonly string[], o: Options) => {
      const isAttached = o['detach'] !== true;
      const exec = {
        User: o['user'] ?? '',
        Privileged: o['privileged'] === true,
        Tty: o['tty'] === true,
        AttachStdin: isAttached && o['interactive'] === true,
        AttachStdout: isAttached,
        AttachStderr: isAttached,
        Env: o['env'] ?? [],
        WorkingDir: o['workdir'] ?? '',
        Cmd: command,
      };
      steps(
        get(`/containers/${encodeName(container)}/json`),
        post(`/containers/${encodeName(container)}/exec`, {}, exec),
        post(`/exec/${EXEC_ID}/start`, {}, { Detach: !isAttached, Tty: exec.Tty }),
      );
    });
  root
    .command('ps')
    .option('-a, --all')
    .option('-q, --quiet')
    .option('-f, --filter <v>', '', more)
    .action((o: Options) => steps(get('/containers/json', { all: flag(o['all']), filters: filters(o) })));
  for (const [name, options] of [
    ['start', []],
    ['stop', ['-t, --time <t>', '-s, --signal <signal>']],
    ['restart', ['-t, --time <t>', '-s, --signal <signal>']],
    ['kill', ['-s, --signal <signal>']],
    ['pause', []],
    ['unpause', []],
  ] as const) {
    const command = root.command(`${name} <containers...>`);
    for (const option of options) command.option(option);
    command.action((containers: readonly string[], o: Options) =>
      steps(
        ...containers.map((each) => {
          const query = { signal: o['signal'] as string, t: o['time'] as string };
          return post(`/containers/${encodeName(each)}/${name}`, query);
        }),
      ),
    );
  }
  root
    .command('rm <containers...>')
    .option('-f, --force')
    .option('-v, --volumes')
    .action((containers: readonly string[], o: Options) =>
      steps(
        ...containers.map((each) =>
          remove(`/containers/${encodeName(each)}`, { force: flag(o['force']), v: flag(o['volumes']) }),
        ),
      ),
    );
  root
    .command('logs <container>')
    .option('-f, --follow')
    .option('-t, --timestamps')
    .option('-n, --tail <n>')
    .action((container: string, o: Options) => {
      const query = {
        follow: flag(o['follow']),
        stderr: '1',
        stdout: '1',
        tail: (o['tail'] as string | undefined) ?? 'all',
        timestamps: flag(o['timestamps']),
      };
      // The CLI asks for the container, and then for the logs by its id.
      const asked = get(`/containers/${encodeName(container)}/json`);
      done({ steps: [asked, get('/containers/{made}/logs', query)], made: container });
    });
  root.command('cp <from> <to>').action((from: string, to: string) => steps(...copying(from, to)));
  root
    .command('inspect <container>')
    .action((name: string) => steps(get(`/containers/${encodeName(name)}/json`)));

  root
    .command('images')
    .option('-a, --all')
    .option('-q, --quiet')
    .option('-f, --filter <v>', '', more)
    .action((o: Options) => steps(get('/images/json', { all: flag(o['all']), filters: filters(o) })));
  root
    .command('pull <image>')
    .option('-a, --all-tags')
    .option('-q, --quiet')
    .option('--platform <v>')
    .action((image: string, o: Options) => {
      const { repository, tag } = parted(image);
      const wanted = o['allTags'] === true ? '' : tag || 'latest';
      steps(
        post('/images/create', {
          fromImage: fullName(repository),
          tag: wanted,
          platform: o['platform'] as string,
        }),
      );
    });
  root
    .command('push <image>')
    .option('-q, --quiet')
    .action((image: string) => {
      const { repository, tag } = parted(image);
      steps(post(`/images/${encodeName(repository)}/push`, { tag: tag || 'latest' }));
    });
  root
    .command('rmi <images...>')
    .option('-f, --force')
    .option('--no-prune')
    .action((images: readonly string[], o: Options) =>
      steps(
        ...images.map((each) =>
          remove(`/images/${encodeName(each)}`, {
            force: flag(o['force']),
            noprune: flag(o['prune'] === false),
          }),
        ),
      ),
    );
  root.command('tag <source> <target>').action((source: string, to: string) => {
    const { repository, tag } = parted(to);
    steps(post(`/images/${encodeName(source)}/tag`, { repo: repository, tag: tag || 'latest' }));
  });
  root
    .command('save <images...>')
    .option('-o, --output <file>')
    .action((images: readonly string[]) => steps(get('/images/get', { names: images })));
  root
    .command('load')
    .option('-i, --input <file>')
    .option('-q, --quiet')
    .action((o: Options) =>
      steps({ ...post('/images/load', { quiet: flag(o['quiet']) ?? '0' }), isArchive: true }),
    );
  root
    .command('build <context>')
    .option('-t, --tag <v>', '', more)
    .option('-f, --file <v>')
    .option('--build-arg <v>', '', more)
    .option('--network <v>')
    .option('--target <v>')
    .option('--platform <v>')
    .option('--no-cache')
    .option('--pull')
    .option('-q, --quiet')
    .action((context: string, o: Options) => {
      const isRemote = /^(?:https?|git):/.test(context);
      const args = mapOf(o['buildArg']);
      const query = {
        buildargs: Object.keys(args).length === 0 ? undefined : JSON.stringify(args),
        dockerfile: (o['file'] as string | undefined) ?? 'Dockerfile',
        networkmode: o['network'] as string,
        nocache: flag(o['cache'] === false),
        platform: o['platform'] as string,
        pull: flag(o['pull']),
        q: flag(o['quiet']),
        remote: isRemote ? context : undefined,
        t: o['tag'] as readonly string[],
        target: o['target'] as string,
      };
      steps(isRemote ? post('/build', query) : { ...post('/build', query), isArchive: true });
    });
  root.command('info').action(() => steps(get('/info')));
  root.command('version').action(() => steps(get('/version')));
  root
    .command('events')
    .option('--since <v>')
    .option('--until <v>')
    .option('-f, --filter <v>', '', more)
    .action((o: Options) =>
      steps(
        get('/events', { since: o['since'] as string, until: o['until'] as string, filters: filters(o) }),
      ),
    );

  const network = group('network');
  network
    .command('ls')
    .option('-q, --quiet')
    .option('-f, --filter <v>', '', more)
    .action((o: Options) => steps(get('/networks', { filters: filters(o) })));
  network
    .command('create <name>')
    .option('-d, --driver <v>', '', 'bridge')
    .option('-o, --opt <v>', '', more)
    .option('--label <v>', '', more)
    .option('--internal')
    .option('--attachable')
    .action((name: string, o: Options) =>
      steps(
        post(
          '/networks/create',
          {},
          {
            Name: name,
            Driver: o['driver'],
            Internal: o['internal'] === true,
            Attachable: o['attachable'] === true,
            Options: mapOf(o['opt']),
            Labels: mapOf(o['label']),
          },
        ),
      ),
    );
  network
    .command('rm <names...>')
    .option('-f, --force')
    .action((names: readonly string[]) =>
      steps(
        ...names.flatMap((each) => [
          get(`/networks/${encodeName(each)}`),
          remove(`/networks/${encodeName(each)}`),
        ]),
      ),
    );
  network.command('inspect <name>').action((name: string) => steps(get(`/networks/${encodeName(name)}`)));
  for (const verb of ['connect', 'disconnect']) {
    network
      .command(`${verb} <network> <container>`)
      .action((name: string, container: string) =>
        steps(
          post(
            `/networks/${encodeName(name)}/${verb}`,
            {},
            { Container: container, ...(verb === 'disconnect' ? { Force: false } : {}) },
          ),
        ),
      );
  }
  const volume = group('volume');
  volume
    .command('ls')
    .option('-q, --quiet')
    .option('-f, --filter <v>', '', more)
    .action((o: Options) => steps(get('/volumes', { filters: filters(o) })));
  volume
    .command('create [name]')
    .option('-d, --driver <v>', '', 'local')
    .option('-o, --opt <v>', '', more)
    .option('--label <v>', '', more)
    .action((name: string | undefined, o: Options) =>
      steps(
        post(
          '/volumes/create',
          {},
          {
            Name: name ?? '',
            Driver: o['driver'],
            DriverOpts: mapOf(o['opt']),
            Labels: mapOf(o['label']),
          },
        ),
      ),
    );
  volume
    .command('rm <names...>')
    .option('-f, --force')
    .action((names: readonly string[], o: Options) =>
      steps(...names.map((each) => remove(`/volumes/${encodeName(each)}`, { force: flag(o['force']) }))),
    );
  volume.command('inspect <name>').action((name: string) => steps(get(`/volumes/${encodeName(name)}`)));
  const image = group('image');
  image.command('inspect <name>').action((name: string) => steps(get(`/images/${encodeName(name)}/json`)));
  return root;
}

/** Flags with one value, with several, and without one. */
const VALUES = [
  ...['name', 'pid', 'ipc', 'uts', 'userns', 'cgroupns', 'cpus', 'pids-limit', 'entrypoint', 'restart'],
  ...['runtime', 'log-driver', 'platform', 'pull', 'cgroup-parent'],
];
const LISTS = [
  ...[
    'volumes-from',
    'cap-add',
    'cap-drop',
    'device',
    'security-opt',
    'add-host',
    'dns',
    'group-add',
    'sysctl',
  ],
  ...['log-opt', 'tmpfs', 'expose', 'link', 'mount'],
];
const SWITCHES = ['privileged', 'rm', 'read-only', 'init', 'oom-kill-disable'];

function withCreateFlags(command: Command): Command {
  for (const name of VALUES) command.option(`--${name} <v>`);
  for (const name of LISTS) command.option(`--${name} <v>`, '', more);
  for (const name of SWITCHES) command.option(`--${name}`);
  return command
    .option('-i, --interactive')
    .option('-t, --tty')
    .option('-P, --publish-all')
    .option('-m, --memory <v>')
    .option('-h, --hostname <v>')
    .option('-e, --env <v>', '', more)
    .option('-l, --label <v>', '', more)
    .option('-v, --volume <v>', '', more)
    .option('-p, --publish <v>', '', more)
    .option('-u, --user <v>')
    .option('-w, --workdir <v>')
    .option('--network <v>');
}

function nameOf(o: Options): string {
  return typeof o['name'] === 'string' ? o['name'] : UNNAMED;
}

function creating(image: string, command: readonly string[], o: Options): readonly Step[] {
  return [
    post(
      '/containers/create',
      { name: o['name'] as string, platform: o['platform'] as string },
      createBody(image, command, o),
    ),
  ];
}

/** What follows the create: the container is addressed by its id. */
function running(o: Options): readonly Step[] {
  const stdin = flag(o['interactive']);
  const attach = post('/containers/{made}/attach', { stderr: '1', stdin, stdout: '1', stream: '1' });
  const wait = post('/containers/{made}/wait', { condition: o['rm'] === true ? 'removed' : 'next-exit' });
  const start = post('/containers/{made}/start');
  return o['detach'] === true ? [wait, start] : [attach, wait, start];
}

function copying(from: string, to: string): readonly Step[] {
  const parts = (text: string): readonly [string, string] | undefined => {
    const at = text.indexOf(':');
    return at < 1 || /^[./]/.test(text) ? undefined : [text.slice(0, at), text.slice(at + 1)];
  };
  const [source, goal] = [parts(from), parts(to)];
  if (source !== undefined && goal === undefined) {
    const archive = target(`/containers/${encodeName(source[0])}/archive`, { path: source[1] });
    return [{ method: 'GET', target: archive }];
  }
  if (source === undefined && goal !== undefined) {
    const path = `/containers/${encodeName(goal[0])}/archive`;
    const put = target(path, { noOverwriteDirNonDir: 'true', path: goal[1] });
    return [
      { method: 'HEAD', target: target(path, { path: goal[1] }) },
      { method: 'PUT', target: put, isArchive: true },
    ];
  }
  throw new ConfigError([`docker cp ${from} ${to}: one of them is CONTAINER:PATH`]);
}

function filters({ filter }: Options): string | undefined {
  if (filter === undefined) return undefined;
  const all: Record<string, Record<string, boolean>> = {};
  for (const [key, value] of (filter as readonly string[]).map(pairOf))
    all[key] = { ...all[key], [value]: true };
  return JSON.stringify(all);
}

function parted(image: string): { readonly repository: string; readonly tag: string } {
  const digest = image.indexOf('@');
  if (digest !== -1) return { repository: image.slice(0, digest), tag: image.slice(digest + 1) };
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/')
    ? { repository: image.slice(0, colon), tag: image.slice(colon + 1) }
    : { repository: image, tag: '' };
}

/** With its registry, as the CLI writes the name of what it pulls. */
function fullName(repository: string): string {
  const parsed = parseImageName(repository);
  return parsed === null ? repository : formatImageName(parsed);
}

function get(path: string, query = {}): Step {
  return { method: 'GET', target: target(path, query) };
}

function remove(path: string, query = {}): Step {
  return { method: 'DELETE', target: target(path, query) };
}

function post(path: string, query = {}, body?: object): Step {
  return { method: 'POST', target: target(path, query), ...(body === undefined ? {} : { body }) };
}
