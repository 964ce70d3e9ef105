import type { ClientRequest } from 'node:http';
import { StringDecoder } from 'node:string_decoder';

/** One event of the Engine, as far as the gateway itself minds (Engine API, EventMessage). */
export interface EngineEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/** Who minds what happens on the Engine. */
export interface Listener {
  heard(event: EngineEvent): void;
  /** Told when events are followed from now on, and when they no longer are: what happened in between is not known. */
  follows(following: boolean): void;
}

const TYPES = ['container', 'network', 'volume'];
const TARGET = `/events?filters=${encodeURIComponent(JSON.stringify({ type: TYPES }))}`;

/** How long to wait before the Engine is asked again; milliseconds. */
const AGAIN_MS = 1_000;
const LONGEST_LINE = 4_194_304;

/**
 * Follows the Engine's events on a connection of its own, and again when it breaks.
 *
 * @param request opens a GET on a connection of its own
 * @returns what ends it
 */
export function followEvents(
  request: (target: string) => ClientRequest,
  listeners: readonly Listener[],
): () => void {
  let stopped = false;
  let open: ClientRequest | undefined;
  let timer: NodeJS.Timeout | undefined;
  let following = false;

  const tell = (now: boolean): void => {
    if (following === now) return;
    following = now;
    for (const listener of listeners) listener.follows(now);
  };
  const again = (): void => {
    tell(false);
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(connect, AGAIN_MS);
    timer.unref();
  };
  const connect = (): void => {
    const asked = request(TARGET);
    open = asked;
    asked.on('error', again);
    asked.on('response', (reply) => {
      reply.on('error', again);
      reply.on('close', again);
      if (reply.statusCode !== 200) {
        reply.destroy();
        return;
      }
      tell(true);
      const read = lineReader((line) => {
        const event = JSON.parse(line) as EngineEvent;
        for (const listener of listeners) listener.heard(event);
      });
      reply.on('data', (chunk: Buffer) => {
        try {
          read(chunk);
        } catch (error) {
          // What can not be read may have been anything.
          reply.destroy(error as Error);
        }
      });
    });
    asked.end();
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    open?.destroy();
  };
}

function lineReader(each: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = `${rest}${decoder.write(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error('an event is too long');
    for (const line of lines) if (line.trim() !== '') each(line);
  };
}
