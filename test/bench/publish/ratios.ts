import type { Measurements } from './measurements.ts';
import { line, picture, rect, text } from './svg.ts';

/** A row of the picture: the gateway to haproxy. */
interface Bars {
  readonly name: string;
  readonly rate: number;
  /** Null where it was not measured. */
  readonly cpu: number | null;
}

const COLOURS = { rate: '#2f6fb5', cpu: '#c2702d' } as const;
const WIDTH = 960;
const LEFT = 280;
const RIGHT = 60;
const TOP = 84;
const STEP = 36;
const THICK = 12;
/** Ratios are drawn on a scale of doublings: half is as far from 1 as twice. */
const TICKS = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64];
const LEAST = 1 / 64;
const MOST = 64;

/** The gateway's rate and CPU to haproxy's, in the order of the tables. */
export function barsOf({ requests, connections, transfers }: Measurements): Bars[] {
  return [...requests, ...connections, ...transfers].flatMap(({ row, contender, beside }) =>
    contender === 'gateway' && beside.haproxy !== undefined
      ? [{ name: row, rate: beside.haproxy.rate.median, cpu: beside.haproxy.cpu?.median ?? null }]
      : [],
  );
}

/** The picture of all rows that haproxy has. */
export function ratioPicture(measurements: Measurements, time: string): string {
  const rows = barsOf(measurements);
  const bottom = TOP + rows.length * STEP;
  const title = `Quaywarden beside haproxy, ${time.slice(0, 10)}`;
  const ticks = TICKS.flatMap((ratio) => [
    line(across(ratio), TOP - 8, across(ratio), bottom, ratio === 1 ? '#1f2328' : '#e3e6ea'),
    text(across(ratio), bottom + 16, label(ratio), { anchor: 'middle', size: 11, fill: '#59636e' }),
  ]);
  const drawn = rows.flatMap(({ name, rate, cpu }, index) => {
    const y = TOP + index * STEP;
    return [
      text(20, y + THICK + 4, name),
      ...bar(rate, y, COLOURS.rate),
      ...(cpu === null ? [] : bar(cpu, y + THICK + 2, COLOURS.cpu)),
    ];
  });
  return picture(WIDTH, bottom + 30, title, [
    text(20, 28, title, { size: 18, weight: 'bold' }),
    rect(20, 42, 12, 12, COLOURS.rate),
    text(38, 53, 'rate, as a multiple of haproxy’s: more is better'),
    rect(400, 42, 12, 12, COLOURS.cpu),
    text(418, 53, 'CPU a request or GB, as a multiple of haproxy’s: less is better'),
    ...ticks,
    ...drawn,
  ]);
}

/** A bar from 1 to the ratio, and its number at its end. */
function bar(ratio: number, y: number, colour: string): string[] {
  const end = across(ratio);
  const from = Math.min(end, across(1));
  const value = ratio.toFixed(2);
  return [
    rect(from, y, Math.max(1, Math.abs(end - across(1))), THICK, colour),
    ratio < 1
      ? text(end - 5, y + 10, value, { anchor: 'end', size: 12 })
      : text(end + 5, y + 10, value, { size: 12 }),
  ];
}

function across(ratio: number): number {
  const within = Math.min(MOST, Math.max(LEAST, ratio));
  return LEFT + (Math.log2(within / LEAST) / Math.log2(MOST / LEAST)) * (WIDTH - LEFT - RIGHT);
}

function label(ratio: number): string {
  return ratio < 1 ? `1/${1 / ratio}` : String(ratio);
}
