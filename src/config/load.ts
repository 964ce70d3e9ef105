import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { crossCheck } from './checks.ts';
import { readDocument } from './document.ts';
import { issueFaults } from './issues.ts';
import { type Config, configSchema } from './schema.ts';

type Output = z.output<typeof configSchema>;

const MAX_BYTES = 1_048_576;

/**
 * Reads and validates a configuration file.
 *
 * Strings may hold `${NAME}` of environment variables. File paths come out absolute, resolved against the folder
 * of the configuration file; addresses of Engines stay as they are. `DOCKER_SOCK` in the environment, an absolute path,
 * stands in for `engine.address` where the file does not set it.
 *
 * @param env where variables are looked up; the process's own by default
 * @returns the configuration, frozen in all its depth
 * @throws ConfigError with every fault at once, each `file:line:column: sentence`
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Config {
  const document = readDocument(path, readText(path), env);
  if (document.value === undefined) throw new ConfigError(document.faults);
  const input = withDockerSock(document.value ?? Object.create(null), env);
  const parsed = configSchema.safeParse(input);
  const faults = [...document.faults, ...(parsed.success ? [] : issueFaults(parsed.error.issues, document))];
  for (const { path: at, sentence } of crossCheck(parsed.success ? parsed.data : soundSections(input))) {
    if (!document.isFaulty(at)) faults.push(`${document.at(at)}: ${sentence}`);
  }
  if (faults.length > 0 || !parsed.success) throw new ConfigError(inOrder(faults));
  return freeze(withAbsolutePaths(parsed.data, dirname(resolve(path))));
}

/**
 * The same for commands that only read what a gateway wrote. The gateway's secrets are not theirs: a variable that is not
 * set is taken for a text that says so.
 */
export function loadConfigToRead(path: string): Config {
  const named = (env: NodeJS.ProcessEnv, name: string | symbol): string | undefined =>
    typeof name === 'symbol' || name === 'DOCKER_SOCK'
      ? env[name as string]
      : (env[name] ?? `${name}-is-not-set`);
  return loadConfig(path, new Proxy(process.env, { get: named }));
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const advice =
      code === 'ENOENT'
        ? 'there is no such file; make one with `quaywarden init`, or name yours with --config'
        : `it can not be read (${code}); name a file that this user may read`;
    throw new ConfigError([`${path}: ${advice}`]);
  }
  if (bytes.length > MAX_BYTES)
    throw new ConfigError([`${path}: the file is larger than 1 MiB, so it is no configuration`]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([`${path}: the file is not UTF-8 text; save it as such`]);
  }
}

function withDockerSock(input: unknown, env: NodeJS.ProcessEnv): unknown {
  const socket = env['DOCKER_SOCK'];
  if (socket === undefined || socket === '' || !isMapping(input)) return input;
  const engine = 'engine' in input ? input['engine'] : {};
  if (!isMapping(engine) || 'address' in engine) return input;
  if (!isAbsolute(socket)) {
    throw new ConfigError([
      'DOCKER_SOCK in the environment must be an absolute path, such as /var/run/docker.sock',
    ]);
  }
  return { ...input, engine: { ...engine, address: `unix://${socket}` } };
}

/** The top-level sections that are sound in themselves, so that faults between keys show with all others. */
function soundSections(input: unknown): Partial<Output> {
  if (!isMapping(input)) return {};
  const sound = Object.entries(configSchema.shape).flatMap(([key, schema]) => {
    const section = schema.safeParse(input[key]);
    return section.success ? [[key, section.data]] : [];
  });
  return Object.fromEntries(sound);
}

function withAbsolutePaths(config: Output, folder: string): Output {
  const absolute = (path: string): string => resolve(folder, path);
  const each = <T extends object>(section: T, ...keys: readonly (keyof T)[]): T => {
    const moved = keys.flatMap((key) =>
      typeof section[key] === 'string' ? [[key, absolute(section[key])]] : [],
    );
    return { ...section, ...Object.fromEntries(moved) };
  };
  const { engine, engines, identity, policy } = config;
  const withPaths = <T extends NonNullable<Output['policy']['postgres']>>(postgres: T): T => ({
    ...each(postgres, 'passwordFile', 'cache'),
    ...(postgres.tls === undefined ? {} : { tls: each(postgres.tls, 'ca', 'certificate', 'key') }),
  });
  const ofEngine = <T extends Pick<Output['engine'], 'tls'>>(section: T): T =>
    section.tls === undefined ? section : { ...section, tls: each(section.tls, 'ca', 'certificate', 'key') };
  return {
    ...config,
    tls: {
      ...each(
        config.tls,
        'certificate',
        'key',
        'clientCa',
        ...(config.tls.sessionTickets === 'off' ? [] : (['sessionTickets'] as const)),
      ),
      stapling: each(config.tls.stapling, 'issuer', 'ca'),
    },
    spool: each(config.spool, 'folder'),
    tracing: each(config.tracing, 'ca'),
    engine: ofEngine(engine),
    engines: Object.fromEntries(
      Object.entries(engines).map(([name, other]) => [name, each(ofEngine(other), 'adopted')]),
    ),
    identity: {
      ...identity,
      jwt: {
        issuers: identity.jwt.issuers.map((issuer) => ({
          ...issuer,
          keys: 'file' in issuer.keys ? each(issuer.keys, 'file') : each(issuer.keys, 'ca'),
        })),
      },
    },
    revocation: {
      ...each(config.revocation, 'denyList'),
      crls: config.revocation.crls.map((crl) => ('file' in crl ? each(crl, 'file') : each(crl, 'ca'))),
      ocsp: each(config.revocation.ocsp, 'ca'),
    },
    policy: {
      ...each(config.policy, 'model', 'grants', 'profiles'),
      ...(policy.postgres === undefined ? {} : { postgres: withPaths(policy.postgres) }),
    },
    tenancy: each(config.tenancy, 'adopted'),
    audit: {
      ...each(config.audit, 'folder', 'signingKey', 'secretsKey'),
      checkpoint: each(config.audit.checkpoint, 'copyTo'),
      sinks: config.audit.sinks.map((sink) =>
        sink.type === 'stdout' ? sink : each(sink, 'ca', 'certificate', 'key'),
      ),
    },
    sessions: each(config.sessions, 'folder'),
    control: each(config.control, 'socket'),
  };
}

/** By line and column, as an editor would walk them. */
function inOrder(faults: readonly string[]): string[] {
  const place = (fault: string): readonly number[] =>
    (/:(\d+):(\d+): /.exec(fault) ?? []).slice(1).map(Number);
  return [...new Set(faults)].sort((a, b) => {
    const [lineA = 0, columnA = 0] = place(a);
    const [lineB = 0, columnB = 0] = place(b);
    return lineA - lineB || columnA - columnB;
  });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
