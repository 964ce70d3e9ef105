/** Reads what `--cpu-prof` and the inspector write: a CPU profile of V8. */

/** As the file has it; only what is used. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** The node that ran, at each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** A function, and those that it called: equal stacks are merged. Times are in microseconds, callees included. */
export interface Frame {
  readonly name: string;
  /** The package, the built file, or what V8 calls it. */
  readonly file: string;
  self: number;
  total: number;
  readonly calls: Map<string, Frame>;
}

/** Time in which nothing ran is no cost. */
const IDLE = '(idle)';

/** What starts and ends the profile is not what is profiled. */
const PROFILER = 'profiler.cjs';

/** The stacks of a profile from its root, without idle time. */
export function stacksOf(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const root: Frame = { name: 'all', file: '', self: 0, total: 0, calls: new Map() };
  for (const [index, sample] of profile.samples.entries()) {
    const path: (readonly [name: string, file: string])[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = nodes.get(id)?.callFrame;
      if (frame !== undefined) path.push([frame.functionName || '(anonymous)', fileOf(frame)]);
    }
    // V8's own root comes last.
    path.pop();
    if (path[0]?.[0] === IDLE || path.some(([, file]) => file.endsWith(PROFILER))) continue;
    const time = Math.max(0, profile.timeDeltas[index] ?? 0);
    root.total += time;
    let frame = root;
    for (const [name, file] of path.reverse()) {
      const key = `${name} ${file}`;
      let next = frame.calls.get(key);
      if (next === undefined) {
        next = { name, file, self: 0, total: 0, calls: new Map() };
        frame.calls.set(key, next);
      }
      next.total += time;
      frame = next;
    }
    frame.self += time;
  }
  return root;
}

/** A share of the whole: of a file, or of a function. */
export interface Share {
  readonly name: string;
  /** Of 1. */
  readonly self: number;
}

/** Which files the time was spent in, most first. */
export function byFile(root: Frame): Share[] {
  return shares(root, ({ name, file }) => file || name);
}

/** Which functions the time was spent in, most first. */
export function byFunction(root: Frame): Share[] {
  return shares(root, ({ name, file }) => `${name} ${file}`.trim());
}

function shares(root: Frame, label: (frame: Frame) => string): Share[] {
  const times = new Map<string, number>();
  const visit = (frame: Frame): void => {
    if (frame.self > 0) times.set(label(frame), (times.get(label(frame)) ?? 0) + frame.self);
    for (const call of frame.calls.values()) visit(call);
  };
  visit(root);
  return [...times]
    .map(([name, time]) => ({ name, self: time / root.total }))
    .sort((a, b) => b.self - a.self);
}

/** A package by its name, a file of ours from dist/ on, a module of Node by its id. */
function fileOf({ url }: CpuProfile['nodes'][number]['callFrame']): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return inPackage ?? url.replace(/^.*\/dist\//, '');
}
