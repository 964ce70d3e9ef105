import { createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { dirname } from 'node:path';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';

/**
 * The key under which TLS session tickets are sealed. Whoever has it can make tickets that say what they like of their
 * holder's certificate, so it lasts for an hour and no longer; see docs/decisions/0011-session-tickets.md.
 */

/** How long a key is in use, in milliseconds: so long, at most, a resumed session is not verified anew. */
const LIFE_MS = 3_600_000;
/** How often it is looked at, to be replaced when it is too old, or was by another process. */
const LOOK_MS = 60_000;
const SECRET_BYTES = 32;
/** What Node takes: a name, a key for HMAC and one for AES, of 16 bytes each. */
const TICKET_KEY_BYTES = 48;

const LINE = /^quaywarden-session-tickets (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9+/]{43}=)\n$/;

/** Seconds for which a session may be resumed. */
export const TICKET_SECONDS = LIFE_MS / 1_000;

interface Secret {
  readonly madeAt: number;
  readonly bytes: Buffer;
}

/** Sees to it that a listener's ticket key is the one in force. */
interface TicketKeys {
  /** Goes on with a key for other CAs. */
  bind(clientCa: Buffer | undefined): void;
}

/** The word in place of a file that gives clients no tickets. */
export const NO_TICKETS = 'off';

/**
 * Gives a listener its ticket key, and a new one whenever that is too old, for as long as the listener is open.
 *
 * @throws ConfigError when the file that should hold it holds something else
 */
export function keepTicketKeys(server: Server, tls: Config['tls'], clientCa: Buffer | undefined): TicketKeys {
  if (tls.sessionTickets === NO_TICKETS) return { bind: () => {} };
  // What was recorded of TLS 1.2 could be read with the key later: it is not written down then.
  const file = tls.minVersion === '1.3' ? tls.sessionTickets : undefined;
  let binding = bindingOf(tls, clientCa);
  let secret: Secret | undefined;
  const use = (current: Secret): void => {
    secret = current;
    server.setTicketKeys(ticketKey(current.bytes, binding));
  };
  /** Somebody may have put another file there: the key that is in use grows no older than it may all the same. */
  const current = (): Secret => {
    try {
      return currentSecret(secret, file, Date.now());
    } catch {
      return newSecret(Date.now());
    }
  };
  use(currentSecret(undefined, file, Date.now()));
  const timer = setInterval(() => {
    const now = current();
    if (secret === undefined || !now.bytes.equals(secret.bytes)) use(now);
  }, LOOK_MS).unref();
  server.once('close', () => clearInterval(timer));
  return {
    bind(next) {
      binding = bindingOf(tls, next);
      use(current());
    },
  };
}

/**
 * The secret that is in force: that of the file, which is replaced when it is too old, missing, from the future, or may be
 * read by others. Where it can not be kept in a file it is this process's own.
 *
 * @param before what this process has used until now
 * @throws ConfigError when the file holds something else, which is not to be overwritten
 */
export function currentSecret(before: Secret | undefined, file: string | undefined, now: number): Secret {
  const own = (): Secret => (before !== undefined && isFresh(before, now) ? before : newSecret(now));
  if (file === undefined) return own();
  try {
    const kept = readSecret(file);
    if (kept !== undefined && isFresh(kept, now)) return kept;
    writeSecret(file, newSecret(now));
    // Another process may have been faster, or slower: whatever stands there now is everybody's.
    return readSecret(file) ?? own();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return own();
  }
}

/** A key for tickets: another one for each set of CAs, so that no ticket outlives a CA that was taken away. */
export function ticketKey(secret: Buffer, binding: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', binding, TICKET_KEY_BYTES));
}

/** What a client's certificate was verified against. */
function bindingOf({ clientCertificate }: Config['tls'], clientCa: Buffer | undefined): string {
  const hash = createHash('sha256');
  if (clientCa !== undefined) hash.update(clientCa);
  return `${clientCertificate} ${hash.digest('hex')}`;
}

function isFresh({ madeAt }: Secret, now: number): boolean {
  return now >= madeAt && now - madeAt < LIFE_MS;
}

function newSecret(now: number): Secret {
  return { madeAt: now, bytes: randomBytes(SECRET_BYTES) };
}

/** @returns undefined when there is none, or one that others may have seen or made */
function readSecret(file: string): Secret | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    const [, madeAt = '', bytes = ''] = LINE.exec(readFileSync(descriptor, 'latin1')) ?? [];
    if (bytes === '') {
      throw new ConfigError([
        `tls.sessionTickets: ${file} holds something else than a key of session tickets; name another file, or move it away`,
      ]);
    }
    const isOurs = (mode & 0o077) === 0 && uid === process.geteuid?.();
    return isOurs ? { madeAt: Date.parse(madeAt), bytes: Buffer.from(bytes, 'base64') } : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function writeSecret(file: string, { madeAt, bytes }: Secret): void {
  const text = `quaywarden-session-tickets ${new Date(madeAt).toISOString()} ${bytes.toString('base64')}\n`;
  const beside = `${file}.${randomUUID()}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(beside, text, { flag: 'wx', mode: 0o600 });
  renameSync(beside, file);
}
