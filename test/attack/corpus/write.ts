import { http, json, plainly } from '../../support/front-door.ts';
import type { Attempt, Case, Forwarded, Refused } from './case.ts';

/** The words in which the cases are written. */

type Extra = Partial<Omit<Case, 'id' | 'title' | 'attempts' | 'verdicts'>>;
type Several = Readonly<Record<string, Attempt['bytes']>> | readonly Attempt[];

/**
 * One case.
 *
 * @param what one request, or several by name
 */
export function attack(
  id: string,
  title: string,
  what: string | Buffer | Several,
  verdict: Case['verdicts'][number] | Case['verdicts'],
  extra: Extra = {},
): Case {
  return {
    id,
    title,
    attempts: attemptsOf(what),
    verdicts: Array.isArray(verdict) ? verdict : [verdict as Case['verdicts'][number]],
    ...extra,
  };
}

function attemptsOf(what: string | Buffer | Several): readonly Attempt[] {
  if (typeof what === 'string' || what instanceof Buffer) return [{ name: '', bytes: what }];
  if (Array.isArray(what)) return what as readonly Attempt[];
  return Object.entries(what as Readonly<Record<string, Attempt['bytes']>>).map(([name, bytes]) => ({
    name,
    bytes,
  }));
}

/** Refused by what it is, by whomever it comes: an operation that was understood, and a reason. */
export function refused(
  status: number,
  reason: string,
  more: Partial<Pick<Refused, 'field' | 'operation' | 'checks' | 'resource' | 'message'>> = {},
): Refused {
  return { status, reason, operation: null, anonymous: false, answered: true, ...more };
}

/** Refused before the gateway asks who calls: the head itself has no single reading. */
export function unread(status: number, reason: string, field?: string): Refused {
  const named = field === undefined ? {} : { field };
  return { status, reason, operation: null, anonymous: true, answered: true, ...named };
}

/** Refused by the policy: every check that minds, the first of them being the reason. */
export function forbidden(operation: string, ...checks: readonly [string, ...string[]]): Refused {
  return refused(403, checks[0], { operation, checks });
}

/** On the road of short exchanges. */
export function forwarded(
  line: string,
  operation: string,
  body?: string,
  ...headers: readonly string[]
): Forwarded {
  const bare = /^(?:GET|HEAD) /.test(line) ? [] : ['content-length: 0'];
  const framing =
    body === undefined
      ? bare
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, '', body];
  return { received: plainly(line, ...headers, ...framing), operation };
}

/** On the road of streams. */
export function streamed(line: string, operation: string, ...headers: readonly string[]): Forwarded {
  const bare = /^(?:GET|HEAD) /.test(line) ? [] : ['Content-Length: 0'];
  return { received: http(line, ...headers, ...bare, 'Connection: close'), operation };
}

export const CREATE = 'POST /v1.41/containers/create';

/** A container's creation. */
export function create(body: string | Buffer | object, line = CREATE): string | Buffer {
  if (body instanceof Buffer) return bytes(line, body);
  return json(line, typeof body === 'string' ? body : JSON.stringify(body));
}

/** A creation of a busybox with this HostConfig. */
export function host(hostConfig: object): string {
  return json(CREATE, JSON.stringify({ Image: 'busybox', HostConfig: hostConfig }));
}

/** A request with a body of any bytes that says it is JSON. */
export function bytes(line: string, body: Buffer, type = 'application/json'): Buffer {
  return Buffer.concat([
    Buffer.from(http(line, `Content-Type: ${type}`, `Content-Length: ${body.length}`, '', '')),
    body,
  ]);
}

/** What the Engine receives of a creation. */
export function created(body: string | object): Forwarded {
  return forwarded(CREATE, 'ContainerCreate', typeof body === 'string' ? body : JSON.stringify(body));
}

/** Attempts out of values, named by their JSON. */
export function each<T>(values: readonly T[], make: (value: T) => Attempt['bytes']): Attempt[] {
  return values.map((value) => ({
    name: typeof value === 'string' ? value : JSON.stringify(value),
    bytes: make(value),
  }));
}

/** What is not told apart where there is one group of people; with tenants, a case of the same row wants more. */
export function untold(wants: string): Extra {
  return { note: `people who share all; with tenants: ${wants}` };
}
