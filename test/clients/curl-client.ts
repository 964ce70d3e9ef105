import { readFileSync } from 'node:fs';
import { type Ran, type RunOptions, run } from './run.ts';
import type { Site } from './site.ts';

/** What curl got. */
export interface CurlAnswer extends Ran {
  /** Status codes of all heads received, `100 Continue` among them. */
  readonly statuses: readonly number[];
  /** The last of them. */
  readonly status: number;
  /** Headers of the last answer, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, read as JSON. */
  json<T = unknown>(): T;
}

/** Runs Debian's curl against a path of the gateway; its exit code must be 0 unless `code` says otherwise. */
export async function curl(
  site: Site,
  path: string,
  args: readonly string[] = [],
  options: RunOptions & { readonly code?: number } = {},
): Promise<CurlAnswer> {
  const heads = `${site.folder}/heads-${Math.random().toString(36).slice(2)}`;
  const url = `https://127.0.0.1:${site.gateway.port}${path}`;
  const ran = await run('/usr/bin/curl', ['-sS', '-D', heads, ...identity(site), ...args, url], options);
  if (ran.code !== (options.code ?? 0)) {
    throw new Error(`curl ${args.join(' ')} ${path} ended with ${ran.code}: ${ran.stderr}${ran.stdout}`);
  }
  const parts = readHeads(heads);
  const last = parts.at(-1) ?? [''];
  return {
    ...ran,
    statuses: parts.map(statusOf),
    status: statusOf(last),
    headers: Object.fromEntries(last.slice(1).map(readHeader)),
    json: () => JSON.parse(ran.stdout),
  };
}

/** How curl proves who it is. */
export function identity({ way, certs, token }: Site): string[] {
  const ca = ['--cacert', `${certs}/ca.pem`];
  if (way === 'jwt') return [...ca, '-H', `Authorization: Bearer ${token}`];
  return [...ca, '--cert', `${certs}/cert.pem`, '--key', `${certs}/key.pem`];
}

/** Arguments that send a value as JSON. */
export function json(value: unknown): string[] {
  return ['-H', 'Content-Type: application/json', '-d', JSON.stringify(value)];
}

function readHeads(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\r\n\r\n')
    .filter((head) => head !== '')
    .map((head) => head.split('\r\n'));
}

function statusOf(head: readonly string[]): number {
  return Number(head[0]?.split(' ')[1]);
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
