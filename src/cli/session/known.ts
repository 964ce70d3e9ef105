import type { Config } from '../../config/schema.ts';
import { listRecordings, type Recording } from '../../recording/catalogue.ts';
import type { LiveSession } from '../../recording/sessions.ts';
import { liveSessions } from '../control/client.ts';

/** A session, as the command shows it. */
export interface KnownSession {
  readonly id: string;
  readonly state: 'live' | 'ended';
  readonly kind: string;
  readonly principal: string;
  readonly tenant: string;
  /** The Engine that it is on, where there are several. */
  readonly engine: string | null;
  readonly container: string | null;
  readonly containerName: string | null;
  readonly command: readonly string[] | null;
  readonly user: string | null;
  readonly tty: boolean | null;
  /** RFC 3339; null when the recording does not say it. */
  readonly startedAt: string | null;
  /** How long it goes on, or went on until its last event was written; in seconds. */
  readonly seconds: number;
  readonly recording: { readonly file: string; readonly bytes: number } | null;
}

/** All sessions that go on or are recorded, the oldest first. */
export interface Known {
  readonly sessions: readonly KnownSession[];
  /** Whether the gateway runs; else nobody knows which go on. */
  readonly isRunning: boolean;
}

/** @throws ConfigError when the gateway can not be asked; NodeJS.ErrnoException when recordings can not be read */
export async function knownSessions({ control, sessions }: Config): Promise<Known> {
  const live = await liveSessions(control.socket);
  const recordings = await listRecordings(sessions.folder);
  const liveIds = new Set((live ?? []).map(({ id }) => id));
  const sizeOf = new Map(recordings.map(({ file, bytes }) => [file, bytes]));
  const all = [
    ...recordings.filter(({ id }) => !liveIds.has(id)).map(ended),
    ...(live ?? []).map((session) => goingOn(session, sizeOf)),
  ];
  const begun = ({ startedAt }: KnownSession): number => Date.parse(startedAt ?? '') || 0;
  return { isRunning: live !== undefined, sessions: all.sort((a, b) => begun(a) - begun(b)) };
}

function goingOn(session: LiveSession, sizeOf: ReadonlyMap<string, number>): KnownSession {
  const { id, kind, principal, tenant, engine, container, containerName, command, user, tty, startedAt } =
    session;
  const file = session.recording;
  return {
    ...{
      id,
      state: 'live',
      kind,
      principal,
      tenant,
      engine,
      container,
      containerName,
      command,
      user,
      tty,
      startedAt,
    },
    seconds: Math.round(session.durationMs / 1_000),
    recording: file === null ? null : { file, bytes: sizeOf.get(file) ?? 0 },
  };
}

function ended({ id, file, bytes, changedAt, header }: Recording): KnownSession {
  const about = header?.quaywarden;
  const startedAt = header?.timestamp;
  return {
    id,
    state: 'ended',
    kind: about?.kind ?? '?',
    principal: about?.principal ?? '?',
    tenant: about?.tenant ?? '?',
    engine: about?.engine ?? null,
    container: about?.container ?? null,
    containerName: about?.containerName ?? null,
    command: about?.command ?? null,
    user: about?.user ?? null,
    tty: about?.tty ?? null,
    startedAt: startedAt === undefined ? null : new Date(startedAt * 1_000).toISOString(),
    seconds: startedAt === undefined ? 0 : Math.max(0, Math.round(changedAt / 1_000 - startedAt)),
    recording: { file, bytes },
  };
}
