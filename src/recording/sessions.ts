import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { withParams } from '../docker/request.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import type { Inspect } from '../tenancy/run-as.ts';
import type { CastHeader } from './asciicast.ts';
import { Recorder } from './recorder.ts';
import { RecordingFile, recordingName } from './recording-file.ts';
import { compileRules, type RecordingRule } from './rules.ts';
import { Session, type Verdict } from './session.ts';
import { type Subject, subjectOf } from './subject.ts';

/** How often the limits are looked at, in milliseconds. */
const SWEEP_MS = 1_000;

/** What the header says when nobody knows: the size of a terminal of old. */
const USUAL_SIZE = { columns: 80, rows: 24 } as const;

/** A session that goes on, as `quaywarden session list` shows it. */
export interface LiveSession {
  readonly id: string;
  readonly kind: Subject['kind'];
  readonly principal: string;
  readonly tenant: string;
  /** The Engine that it is on, where there are several. */
  readonly engine: string | null;
  readonly container: string | null;
  readonly containerName: string | null;
  readonly command: readonly string[] | null;
  readonly user: string | null;
  readonly tty: boolean | null;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Bytes from the client, and to it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Name of the file it is recorded in; null when it is not. */
  readonly recording: string | null;
}

/** What is remembered of a live session between two looks at its limits. */
interface Watch {
  bytes: number;
  /** When they were that many for the first time, by `performance.now`. */
  since: number;
}

/** The streams into containers: which are recorded, which go on, and how long they may. */
export class Sessions {
  #config: Config['sessions'];
  #ruleFor: ReturnType<typeof compileRules>;
  readonly #live = new Map<string, Session>();
  readonly #watches = new WeakMap<Session, Watch>();
  readonly #sweep: NodeJS.Timeout;

  constructor(config: Config['sessions']) {
    this.#config = config;
    this.#ruleFor = compileRules(config.record);
    this.#sweep = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** Goes on with other rules: limits hold for what goes on already too, recordings begin with a session or never. */
  use(config: Config['sessions']): void {
    this.#config = config;
    this.#ruleFor = compileRules(config.record);
  }

  /**
   * Readies a session for a request that has passed every stage: finds out what it leads into, for its `decision`
   * record, and begins its recording.
   *
   * @returns undefined when no stream can come of the request: one that is detached, or of something that is not there
   * @throws Refusal `recording-unavailable` when it should be recorded and can not be; those of `subjectOf`
   */
  async open(exchange: Exchange, judged: Judged, inspect: Inspect): Promise<Session | undefined> {
    const { api, payload, subjects } = judged;
    const rule = isDetached(payload) ? undefined : this.#ruleFor(api.operation.id, subjects);
    if (rule !== undefined && api.operation.connection === 'websocket') throw notOverWebsocket();
    const subject = await subjectOf(judged, inspect, rule !== undefined);
    if (subject === undefined) return undefined;
    // What was asked about is what is attached to, whatever its name becomes.
    if (rule !== undefined && subject.kind === 'attach' && subject.container !== null) {
      exchange.findings.api = withParams(api, { ...api.params, id: subject.container });
    }
    const recording = rule === undefined ? undefined : await this.#begin(exchange, judged, subject, rule);
    const session = new Session({
      exchange,
      subject,
      recording,
      onLife: (it, isLive) => {
        if (isLive) this.#live.set(it.id, it);
        else this.#live.delete(it.id);
      },
    });
    exchange.findings.session = session.audit();
    return isDetached(payload) ? undefined : session;
  }

  /**
   * Notes in the recordings what a resize that the Engine has made changed.
   *
   * @param engine which one, where there are several: a name on one means nothing on another
   */
  resized(api: ApiRequest, engine: string | undefined): void {
    const { id = '' } = api.params;
    const columns = Number(api.query['w'] ?? 0);
    const rows = Number(api.query['h'] ?? 0);
    const concerns = resizeTarget(api.operation.id, id);
    if (concerns === undefined || !isDimension(columns) || !isDimension(rows)) return;
    for (const session of this.#live.values()) {
      const isThere = session.exchange.findings.engine === engine;
      if (isThere && concerns(session.subject)) session.resize({ columns, rows });
    }
  }

  list(): LiveSession[] {
    return [...this.#live.values()].map((session) => {
      const { kind, container, containerName, command, user, tty } = session.subject;
      const { bytesIn, bytesOut, findings } = session.exchange;
      return {
        id: session.id,
        kind,
        principal: findings.principal?.name ?? '',
        tenant: findings.principal?.tenant ?? '',
        engine: findings.engine ?? null,
        container,
        containerName,
        command,
        user,
        tty,
        startedAt: new Date(session.startedAt).toISOString(),
        durationMs: session.durationMs,
        bytesIn,
        bytesOut,
        recording: session.file,
      };
    });
  }

  /**
   * Ends a session.
   *
   * @returns false when none of that id goes on; else true, once it is over and its records are written
   */
  async end(id: string): Promise<boolean> {
    const session = this.#live.get(id);
    if (session === undefined) return false;
    session.end('ended-by-operator');
    await session.over;
    return true;
  }

  /**
   * Ends a session without waiting for it.
   *
   * @returns false when none of that id goes on, or it is being ended already
   */
  interrupt(id: string, verdict: Verdict): boolean {
    const session = this.#live.get(id);
    if (session === undefined || session.signal.aborted) return false;
    session.end(verdict);
    return true;
  }

  /** Ends the sessions that have reached a limit. */
  sweep(): void {
    for (const session of this.#live.values()) {
      if (session.subject.kind === 'build') continue;
      const verdict = this.#verdict(session);
      if (verdict !== undefined) session.end(verdict);
    }
  }

  close(): void {
    clearInterval(this.#sweep);
  }

  #verdict(session: Session): Verdict | undefined {
    const { idleSeconds, totalSeconds, endAtExpiry } = this.#config;
    const { principal } = session.exchange.findings;
    if (endAtExpiry && principal !== undefined && Date.now() >= principal.expiresAt)
      return 'identity-expired';
    if (totalSeconds > 0 && session.durationMs >= totalSeconds * 1_000) return 'time-limit';
    if (idleSeconds > 0 && this.#idleMs(session) >= idleSeconds * 1_000) return 'idle-limit';
    return undefined;
  }

  /** For how long no byte has passed in either direction. */
  #idleMs(session: Session): number {
    const bytes = session.exchange.bytesIn + session.exchange.bytesOut;
    const now = performance.now();
    const watch = this.#watches.get(session);
    if (watch?.bytes === bytes) return now - watch.since;
    this.#watches.set(session, { bytes, since: now });
    return 0;
  }

  async #begin(
    exchange: Exchange,
    { principal }: Judged,
    subject: Subject,
    { input }: RecordingRule,
  ): Promise<{
    file: string;
    recorder: Recorder | undefined;
    input: boolean;
    isStrict: boolean;
  }> {
    const file = recordingName(exchange.id);
    const isStrict = this.#config.onFailure === 'end';
    try {
      const { folder, maxBytes } = this.#config;
      const recorder = await Recorder.begin(await RecordingFile.create(folder, file, maxBytes), {
        header: headerOf(exchange, principal, subject, input),
        multiplexed: subject.multiplexed,
      });
      return { file, recorder, input, isStrict };
    } catch (cause) {
      if (isStrict) {
        throw new Refusal(
          503,
          'recording-unavailable',
          'this session has to be recorded and can not be, so it is not opened',
          { cause },
        );
      }
      exchange.log.error(
        { err: cause, file: join(this.#config.folder, file) },
        'a session goes on unrecorded',
      );
      return { file, recorder: undefined, input, isStrict };
    }
  }
}

function headerOf(
  { id, findings: { engine } }: Exchange,
  principal: Judged['principal'],
  { kind, container, containerName, command, user, tty, size = USUAL_SIZE }: Subject,
  input: boolean,
): CastHeader {
  return {
    version: 2,
    width: size.columns,
    height: size.rows,
    timestamp: Math.floor(Date.now() / 1_000),
    title: `${principal.name}: ${kind} ${containerName ?? container ?? ''}`,
    ...(command === null ? {} : { command: command.join(' ') }),
    quaywarden: {
      session: id,
      kind: kind === 'exec' ? 'exec' : 'attach',
      container: container ?? '',
      containerName,
      command: command === null ? null : [...command],
      user,
      tty: tty === true,
      input,
      principal: principal.name,
      tenant: principal.tenant,
      ...(engine === undefined ? {} : { engine }),
    },
  };
}

/** Whom a resize concerns; undefined when the operation is none. */
function resizeTarget(operation: string, id: string): ((subject: Subject) => boolean) | undefined {
  if (operation === 'ExecResize') return ({ exec }) => exec === id;
  if (operation !== 'ContainerResize') return undefined;
  // A short beginning of an id may be the whole name of another container.
  const isId = /^[0-9a-f]{12,64}$/.test(id);
  return ({ kind, container, containerName }) =>
    kind === 'attach' && (containerName === id || (isId && container?.startsWith(id) === true));
}

function isDimension(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 65_535;
}

function isDetached(payload: Judged['payload']): boolean {
  return payload.kind === 'json' && (payload.content.value as { readonly Detach?: boolean }).Detach === true;
}

function notOverWebsocket(): Refusal {
  return new Refusal(
    403,
    'recording-unavailable',
    'sessions of yours are recorded, which can not be done over a websocket; attach without one',
  );
}
