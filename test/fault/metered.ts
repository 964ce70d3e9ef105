import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts';
import { soon } from './client.ts';

const PROBE = new URL('./memory-probe.mjs', import.meta.url).href;

/**
 * Node 24 lets young objects pile up to 128 MB on a large machine before it looks at them, Node 20 up to 32 MB. With
 * a small young generation the size of a process tells what it needs, and not what it may take.
 */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=2';

/** What a gateway holds once all garbage has been collected, in MB. */
export interface Held {
  /** JavaScript objects, and the buffers that they own outside of the heap: exact, but blind to native leaks. */
  readonly live: number;
  /** The whole process: it sees all, and wavers by several MB. */
  readonly resident: number;
}

/** Starts a gateway that `heldBy` can ask, and whose size does not depend on how lazily its Node collects garbage. */
export function startMetered(options: GatewayOptions): Promise<Gateway> {
  const inherited = process.env['NODE_OPTIONS'] ?? '';
  return startGateway({
    ...options,
    env: {
      ...options.env,
      NODE_OPTIONS: `${inherited} --import=${PROBE} ${SMALL_YOUNG_GENERATION}`,
      MALLOC_ARENA_MAX: '1', // a thread that gets an arena of its own is no growth
    },
  });
}

/** Has the gateway collect all garbage; resolves with what is left. One call at a time. */
export async function heldBy(gateway: Gateway): Promise<Held> {
  const before = answers(gateway).length;
  gateway.signal('SIGUSR2');
  await soon(() => answers(gateway).length).toBe(before + 1);
  const usage = JSON.parse(answers(gateway).at(-1) ?? '') as NodeJS.MemoryUsage;
  return { live: megabytes(usage.heapUsed + usage.external), resident: megabytes(usage.rss) };
}

function answers(gateway: Gateway): string[] {
  return [...gateway.log().matchAll(/^memory-probe (.*)\n/gm)].map(([, json]) => json ?? '');
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 10_000) / 100;
}
