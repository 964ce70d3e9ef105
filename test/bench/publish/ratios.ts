import type { Measurements } from './measurements.ts';
import type { Result } from './result.ts';
import { line, picture, rect, text } from './svg.ts';

/** One bar: the gateway to haproxy in one row. */
export interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly kind: 'rate' | 'cpu';
}

const COLOURS = { rate: '#2f6fb5', cpu: '#c2702d' } as const;
const WIDTH = 960;
const LEFT = 330;
const RIGHT = 70;
const TOP = 84;
const STEP = 22;
/** Ratios are drawn on a scale of doublings: half is as far from 1 as twice. */
const LEAST = 1 / 32;
const MOST = 64;
const TICKS = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64];

/** The gateway's rate and CPU to haproxy's, in the order of the tables. */
export function barsOf({ requests, connections, transfers }: Measurements): Bar[] {
  return [...requests, ...connections, ...transfers].flatMap((result: Result) => {
    const beside = result.contender === 'gateway' ? result.beside.haproxy : undefined;
    if (beside === undefined) return [];
    const rate: Bar = { name: result.row, ratio: beside.rate.median, kind: 'rate' };
    return beside.cpu === null
      ? [rate]
      : [rate, { name: result.row, ratio: beside.cpu.median, kind: 'cpu' } satisfies Bar];
  });
}

/** The picture of all rows that haproxy has. */
export function ratioPicture(measurements: Measurements, time: string): string {
  const bars = barsOf(measurements);
  const height = TOP + bars.length * STEP + 34;
  const bottom = height - 30;
  const title = `Quaywarden beside haproxy, ${time.slice(0, 10)}`;
  const ticks = TICKS.flatMap((ratio) => [
    line(across(ratio), TOP - 6, across(ratio), bottom, ratio === 1 ? '#1f2328' : '#e3e6ea'),
    text(across(ratio), bottom + 16, label(ratio), { anchor: 'middle', size: 11, fill: '#59636e' }),
  ]);
  const drawn = bars.flatMap(({ name, ratio, kind }, index) => {
    const y = TOP + index * STEP;
    const end = across(ratio);
    const from = Math.min(end, across(1));
    const value = ratio.toFixed(2);
    return [
      kind === 'rate' ? text(LEFT - 12, y + 12, name, { anchor: 'end' }) : '',
      rect(from, y, Math.max(1, Math.abs(end - across(1))), STEP - 7, COLOURS[kind]),
      ratio < 1
        ? text(end - 5, y + 12, value, { anchor: 'end', size: 12 })
        : text(end + 5, y + 12, value, { size: 12 }),
    ].filter(Boolean);
  });
  return picture(WIDTH, height, title, [
    text(20, 28, title, { size: 18, weight: 'bold' }),
    rect(20, 42, 12, 12, COLOURS.rate),
    text(38, 53, 'rate to haproxy’s: the longer to the right, the better'),
    rect(420, 42, 12, 12, COLOURS.cpu),
    text(438, 53, 'CPU a request or GB to haproxy’s: the longer to the left, the better'),
    ...ticks,
    ...drawn,
  ]);
}

function across(ratio: number): number {
  const within = Math.min(MOST, Math.max(LEAST, ratio));
  return LEFT + (Math.log2(within / LEAST) / Math.log2(MOST / LEAST)) * (WIDTH - LEFT - RIGHT);
}

function label(ratio: number): string {
  return ratio < 1 ? `1/${1 / ratio}` : String(ratio);
}
