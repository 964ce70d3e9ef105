import { dot, line, picture, polyline, text } from '../publish/svg.ts';
import type { Axis, Point } from './axes.ts';

const COLOURS = { gateway: '#2f6fb5', haproxy: '#8a929b' } as const;
const METRICS = [
  { name: 'a second', of: ({ perSecond }: Point) => perSecond.median },
  { name: 'CPU us each', of: ({ cpuUs }: Point) => cpuUs.median },
  { name: 'p99 ms', of: ({ p99Ms }: Point) => p99Ms.median },
] as const;

const PANEL = { width: 310, height: 190 } as const;
const PLOT = { left: 20, right: 36, top: 44, bottom: 34 } as const;
const HEAD = 66;

/** All curves: an axis each row, and a measure each column. Both scales are logarithmic. */
export function curves(axes: readonly Axis[], time: string): string {
  const width = METRICS.length * PANEL.width + 20;
  const height = HEAD + axes.length * PANEL.height + 10;
  const title = `How Quaywarden grows, ${time.slice(0, 10)}`;
  const legend = Object.entries(COLOURS).flatMap(([name, colour], index) => [
    dot(26 + index * 110, 47, colour),
    text(36 + index * 110, 52, name),
  ]);
  const panels = axes.flatMap((axis, row) =>
    METRICS.flatMap((metric, column) =>
      panel(axis, metric, 10 + column * PANEL.width, HEAD + row * PANEL.height),
    ),
  );
  return picture(width, height, title, [
    text(20, 28, title, { size: 18, weight: 'bold' }),
    ...legend,
    text(260, 52, 'both scales are logarithmic; the numbers are the gateway’s', { fill: '#59636e' }),
    ...panels,
  ]);
}

function panel(axis: Axis, metric: (typeof METRICS)[number], x: number, y: number): string[] {
  const values = axis.points.map(metric.of);
  const across = scale(
    axis.points.map(({ at }) => at),
    x + PLOT.left,
    x + PANEL.width - PLOT.right,
  );
  const bottom = y + PANEL.height - PLOT.bottom;
  const up = scale(values, bottom - 8, y + PLOT.top);
  const places = [...new Set(axis.points.map(({ at }) => at))];
  return [
    text(x + PLOT.left, y + 20, `${axis.grows}: ${metric.name}`, { weight: 'bold' }),
    line(x + PLOT.left, bottom, x + PANEL.width - PLOT.right, bottom, '#c4cad0'),
    ...places.map((at) =>
      text(across(at), bottom + 16, at.toLocaleString('en'), { anchor: 'middle', size: 11, fill: '#59636e' }),
    ),
    ...(['haproxy', 'gateway'] as const).flatMap((contender) => {
      const own = axis.points.filter((point) => point.contender === contender);
      const points = own.map((point) => [across(point.at), up(metric.of(point))] as const);
      const colour = COLOURS[contender];
      return [
        polyline(points, colour),
        ...points.map(([px, py]) => dot(px, py, colour)),
        ...(contender === 'gateway'
          ? own.map((point, index) =>
              text(points[index]?.[0] ?? 0, (points[index]?.[1] ?? 0) - 7, shown(metric.of(point)), {
                anchor: 'middle',
                size: 11,
              }),
            )
          : []),
      ];
    }),
  ];
}

/** Less than a factor of ten is drawn as little as it is. */
const LEAST_SPAN = Math.log(10);

/** A logarithmic scale from the least to the most of `values`. */
export function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const logs = values.map(Math.log);
  const least = Math.min(...logs);
  const most = Math.max(...logs);
  const span = Math.max(LEAST_SPAN, most - least);
  const start = (least + most - span) / 2;
  return (value) => from + ((Math.log(value) - start) / span) * (to - from);
}

function shown(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
