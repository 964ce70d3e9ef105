import * as z from 'zod';
import type { AuditSession } from '../audit/record.ts';
import { encodeName } from '../docker/path.ts';
import { Refusal } from '../errors.ts';
import type { Judged } from '../exchange.ts';
import type { Inspect } from '../tenancy/run-as.ts';
import type { TerminalSize } from './asciicast.ts';

/** What a stream leads into. */
export interface Subject {
  readonly kind: AuditSession['kind'];
  /** Full id of the container; null where nobody asked the Engine for it. */
  readonly container: string | null;
  /** Its name without the slash; null likewise. */
  readonly containerName: string | null;
  /** What an exec runs, or what the container does; cut where it is very long. */
  readonly command: readonly string[] | null;
  readonly user: string | null;
  readonly tty: boolean | null;
  /** Whether its output comes in frames. */
  readonly multiplexed: boolean;
  readonly size: TerminalSize | undefined;
  /** The exec instance; null for all else. */
  readonly exec: string | null;
}

const text = z.string();
const size = z.tuple([z.number(), z.number()]).nullish();

const execInspection = z.object({
  ContainerID: text.regex(/^[0-9a-f]{64}$/),
  ProcessConfig: z.object({
    tty: z.boolean(),
    entrypoint: text,
    arguments: z.array(text).nullish(),
    user: text.nullish(),
  }),
});

const containerInspection = z.object({
  Id: text.regex(/^[0-9a-f]{64}$/),
  Name: text,
  Path: text.nullish(),
  Args: z.array(text).nullish(),
  Config: z.object({ Tty: z.boolean(), User: text.nullish() }),
  HostConfig: z.object({ ConsoleSize: size }).nullish(),
});

const NOBODY_ASKED = {
  container: null,
  containerName: null,
  command: null,
  user: null,
  tty: null,
  multiplexed: false,
  size: undefined,
  exec: null,
} as const;

/**
 * Finds out what a stream leads into. The Engine is asked about every exec, and about the container where the session
 * is recorded.
 *
 * @returns undefined when the Engine knows no such exec or container: it says so itself
 * @throws Refusal 502 `engine-garbled` when its answer can not be understood; as `inspect`
 */
export async function subjectOf(
  { api, payload }: Pick<Judged, 'api' | 'payload'>,
  inspect: Inspect,
  isRecorded: boolean,
): Promise<Subject | undefined> {
  const id = api.params['id'] ?? '';
  switch (api.operation.id) {
    case 'ExecStart':
      return execOf(id, payload, inspect, isRecorded);
    case 'ContainerAttach':
    case 'ContainerAttachWebsocket': {
      const container = /^[0-9a-f]{64}$/.test(id) ? id : null;
      if (!isRecorded) return { ...NOBODY_ASKED, kind: 'attach', container };
      const found = await inspected(inspect, `/containers/${encodeName(id)}/json`, containerInspection);
      if (found === undefined) return undefined;
      const { Id, Name, Path, Args, Config, HostConfig } = found;
      return {
        kind: 'attach',
        container: Id,
        containerName: bareName(Name),
        command: Path == null ? null : bounded([Path, ...(Args ?? [])]),
        user: cut(Config.User ?? ''),
        tty: Config.Tty,
        multiplexed: !Config.Tty,
        size: sizeOf(HostConfig?.ConsoleSize),
        exec: null,
      };
    }
    default:
      return { ...NOBODY_ASKED, kind: 'build' };
  }
}

async function execOf(
  id: string,
  payload: Judged['payload'],
  inspect: Inspect,
  isRecorded: boolean,
): Promise<Subject | undefined> {
  const found = await inspected(inspect, `/exec/${encodeName(id)}/json`, execInspection);
  if (found === undefined) return undefined;
  const { ContainerID, ProcessConfig } = found;
  const container = isRecorded
    ? await inspected(inspect, `/containers/${ContainerID}/json`, containerInspection)
    : undefined;
  const start = (payload.kind === 'json' ? payload.content.value : {}) as {
    readonly Tty?: boolean;
    readonly ConsoleSize?: readonly bigint[] | null;
  };
  return {
    kind: 'exec',
    container: ContainerID,
    containerName: container === undefined ? null : bareName(container.Name),
    command: bounded([ProcessConfig.entrypoint, ...(ProcessConfig.arguments ?? [])]),
    user: cut(ProcessConfig.user ?? ''),
    tty: ProcessConfig.tty,
    // The Engine frames by what the start says, whatever the exec was made with.
    multiplexed: start.Tty !== true,
    size: sizeOf(start.ConsoleSize?.map(Number)),
    exec: id,
  };
}

async function inspected<T>(inspect: Inspect, target: string, shape: z.ZodType<T>): Promise<T | undefined> {
  const found = await inspect(target);
  if (found === undefined) return undefined;
  const parsed = shape.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new Refusal(502, 'engine-garbled', 'the Engine does not say what the stream leads into', {
    cause: parsed.error,
  });
}

function bareName(name: string): string {
  return name.replace(/^\//, '');
}

/** Longest command line that is shown whole, in characters; each word counts for one more. */
const MOST_COMMAND = 32_768;
const MOST_USER = 256;
const TOO_LONG = '[too long to be shown whole]';

/**
 * It stands in every record of the session and in the first line of its recording: who sends an exec of a million empty
 * words must not fill the disk by starting it, nor make a recording that can not be read.
 */
function bounded(command: readonly string[]): string[] {
  let left = MOST_COMMAND;
  const shown: string[] = [];
  for (const word of command) {
    if (word.length >= left) return [...shown, word.slice(0, left), TOO_LONG];
    shown.push(word);
    left -= word.length + 1;
  }
  return shown;
}

function cut(user: string): string {
  return user.length > MOST_USER ? `${user.slice(0, MOST_USER)} ${TOO_LONG}` : user;
}

/** Of height and width, as the Engine has them; zeros are no size. */
function sizeOf(given: readonly number[] | null | undefined): TerminalSize | undefined {
  const [rows = 0, columns = 0] = given ?? [];
  const isSize = [rows, columns].every((each) => Number.isInteger(each) && each > 0 && each <= 65_535);
  return isSize ? { columns, rows } : undefined;
}
