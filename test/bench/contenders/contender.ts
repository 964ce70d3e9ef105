import type { Target } from '../load/task.ts';

/** The ways to one Engine that are measured, in the order of the tables. */
export const PEERS = [
  'gateway',
  'haproxy',
  'haproxy, 1 thread',
  'nginx',
  'node',
  'node, recording',
  'dockerd',
  'socket',
] as const;

export type Peer = (typeof PEERS)[number];

/** One way to the same Engine. */
export interface Contender<Name extends string = Peer> {
  readonly name: Name;
  readonly target: Target;
  /** The process whose CPU time and memory are counted, with those it started; null for the Engine itself. */
  readonly pid: number | null;
}

/** Those of which nothing has to be compiled while they run: they are as fast at once as they will ever be. */
export const COMPILED: ReadonlySet<string> = new Set<Peer>([
  'haproxy',
  'haproxy, 1 thread',
  'nginx',
  'dockerd',
  'socket',
]);
