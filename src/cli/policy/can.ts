import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { nearest } from '../../config/suggest.ts';
import type { Operation } from '../../docker/types.ts';
import { ConfigError } from '../../errors.ts';
import { consider } from '../../workbench/consider.ts';
import { type Desk, deskConfig, onEngine, openDesk } from '../../workbench/desk.ts';
import { supposedPrincipal } from '../../workbench/principal.ts';
import { headersFor, operationNamed, type RequestLine, requestLineOf } from '../../workbench/request-line.ts';
import { operationOf } from '../../workbench/run-tests.ts';
import { tell, toJson } from '../../workbench/tell.ts';
import { collect } from '../arguments.ts';
import { print } from '../audit/show.ts';
import { toldOf, type WhoAsks, withConfig, withEngine, withPrincipal } from './who-asks.ts';

interface Options extends WhoAsks {
  readonly body?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly there?: readonly string[];
  readonly api?: string;
  readonly reason?: string;
  readonly engine?: string;
  readonly config: string;
  readonly json?: true;
}

const DENIED = 1;

const EXAMPLES = `
Examples:
  $ quaywarden policy can alice ContainerStart container/-/web --role developer
  $ quaywarden policy can ci-bot ImageCreate image/docker.io/library/alpine:3 --role ci
  $ quaywarden policy can alice ContainerCreate --role developer --body create.json
  $ echo '{"Image":"busybox","HostConfig":{"Binds":["/:/host"]}}' |
      quaywarden policy can alice ContainerCreate --role developer --body -
  $ quaywarden policy can alice 'GET /containers/json?all=1' --role viewer --json

The request is judged by the very stages of the gateway; no Engine is asked. Without --body an operation that takes JSON is
judged with {}. Where tenants are told apart (tenancy.enabled), whose an object is is what RESOURCE says, and --there
for further ones that the body names; all else is not there. Images are, and name no user. Limits and quotas are not
judged. Exit codes: 0 allowed, 1 denied, 2 unusable input.
`;

/** `quaywarden policy can`. */
export function canCommand(): Command {
  const command = new Command('can')
    .summary('whether somebody may do something, and why')
    .description('Tell whether a principal may do an operation, with every grant that was looked at.')
    .argument('<principal>', 'its name: alice, or user:alice')
    .argument(
      '<operation>',
      'an operationId such as ContainerCreate, or a request line such as "POST /v1.41/build?t=app"',
    )
    .argument(
      '[resource]',
      'what it is done on, as grants write it: container/-/web, image/docker.io/library/alpine:3',
    )
    .option('--body <file>', 'the body; - is standard input')
    .option('--query <k=v>', 'a query parameter (may be repeated)', collectPair)
    .option(
      '--there <resource>',
      'an object that is on the Engine: network/team-a/back (may be repeated)',
      collect,
    )
    .option('--reason <text>', 'why it says it asks (Quaywarden-Reason), for grants that want to be told')
    .option('--api <version>', 'the API version, such as 1.41 (default: the newest that the gateway knows)');
  return withConfig(withEngine(withPrincipal(command)))
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, wish: string, given: string | undefined, options: Options) => {
      const { resource, engine } = onEngine(given, options.engine);
      const principal = supposedPrincipal({
        name,
        tenant: options.tenant,
        roles: options.role,
        method: options.method,
      });
      const desk = await openDesk(deskConfig(options.config), engine);
      const { operation, line } = requestOf(wish, resource, options, desk);
      const sent = options.body === undefined ? undefined : readBody(options.body);
      const body = sent ?? (line.body === undefined ? undefined : Buffer.from(line.body));
      const considered = await consider(desk, {
        principal,
        ...line,
        headers: [
          ...headersFor(operation, body !== undefined && body.length > 0),
          ...(options.reason === undefined ? [] : ['Quaywarden-Reason', options.reason]),
        ],
        body,
        there: [...(resource === undefined ? [] : [resource]), ...(options.there ?? [])],
      });
      const told = toldOf(desk, principal);
      await print(
        options.json
          ? [JSON.stringify(toJson(considered, told), null, 2)]
          : [
              ...tell(considered, told),
              ...unspokenRoles(options.role, desk),
              ...(sent === undefined && body !== undefined
                ? ['', `judged with the body ${line.body}: give another with --body`]
                : []),
            ],
      );
      if (considered.effect === 'deny') process.exitCode = DENIED;
    });
}

/** What is asked for: an operation by its id, or a request line. @throws ConfigError */
function requestOf(
  wish: string,
  resource: string | undefined,
  { query = [], api }: Options,
  { config: { tenancy } }: Desk,
): { readonly operation: Operation | undefined; readonly line: RequestLine } {
  const [, method, target] = /^([A-Z]+) (\/\S*)$/.exec(wish) ?? [];
  if (method === undefined || target === undefined) {
    const operation = operationNamed(wish);
    const isPrivate = tenancy.names === 'private';
    const on = { resource, query, api, hasTenants: tenancy.enabled, hasPrivateNames: isPrivate };
    return { operation, line: requestLineOf(operation, on) };
  }
  if (api !== undefined) throw new ConfigError(['the request line says which API version: leave --api out']);
  const more = query
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  const full = more === '' ? target : `${target}${target.includes('?') ? '&' : '?'}${more}`;
  const operation = operationOf(method, full);
  const body = operation?.body === 'json' ? '{}' : undefined;
  return { operation, line: { method, target: full, body } };
}

/** A mistyped role has no rights, and nothing else tells. */
function unspokenRoles(roles: readonly string[] = [], { text }: Desk): readonly string[] {
  const spoken = new Set([
    ...text.grants.map(({ subject }) => subject),
    ...text.memberships.map(({ member }) => member),
  ]);
  const known = [...spoken].filter((subject) => subject.startsWith('role:'));
  return roles
    .map((role) => `role:${role}`)
    .filter((role) => !spoken.has(role))
    .map((role) => {
      const meant = nearest(role, known);
      return `no grant speaks of ${role}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

function readBody(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new ConfigError([`${file}: can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

function collectPair(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write NAME=VALUE, such as all=1.');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}
