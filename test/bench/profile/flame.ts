import { picture, rect, text } from '../publish/svg.ts';
import type { Frame } from './cpuprofile.ts';

const WIDTH = 1_200;
const MARGIN = 10;
const TOP = 58;
const ROW = 17;
/** Narrower frames are left out: nobody could see them. */
const LEAST_WIDTH = 0.7;
/** So wide a frame has room for its name. */
const LEAST_NAMED = 32;
const LETTER_WIDTH = 6.1;

/** Colours by who is to answer for the time. */
const KINDS = [
  {
    name: 'Quaywarden',
    colour: '#e8853d',
    is: (file: string) => !file.includes(':') && file.includes('.js'),
  },
  { name: 'Node', colour: '#7fb069', is: (file: string) => file.startsWith('node:') },
  { name: 'packages', colour: '#6aa5d8', is: (file: string) => file !== '' },
  { name: 'V8 and system calls', colour: '#b9b9b9', is: () => true },
] as const;

/** A flame graph as a still picture: a frame stands on its caller, as wide as its share of the time. */
export function flameGraph(root: Frame, title: string): string {
  const scale = (WIDTH - 2 * MARGIN) / root.total;
  const drawn: string[] = [];
  let depth = 0;
  const visit = (frame: Frame, x: number, level: number): void => {
    const width = frame.total * scale;
    if (width < LEAST_WIDTH) return;
    depth = Math.max(depth, level);
    drawn.push(`<g>${box(frame, x, level, width, root.total)}</g>`);
    let at = x;
    // By name, so that two pictures can be laid side by side.
    for (const [, call] of [...frame.calls].sort(([a], [b]) => (a < b ? -1 : 1))) {
      visit(call, at, level + 1);
      at += call.total * scale;
    }
  };
  visit(root, MARGIN, 0);
  const legend = KINDS.flatMap(({ name, colour }, index) => [
    rect(MARGIN + 180 * index, 36, 12, 12, colour),
    text(MARGIN + 18 + 180 * index, 47, name, { size: 12 }),
  ]);
  return picture(WIDTH, TOP + (depth + 1) * ROW + MARGIN, title, [
    text(MARGIN, 24, title, { size: 16, weight: 'bold' }),
    ...legend,
    ...drawn,
  ]);
}

function box(frame: Frame, x: number, level: number, width: number, all: number): string {
  const y = TOP + level * ROW;
  const { colour } = KINDS.find(({ is }) => is(frame.file)) ?? KINDS[3];
  const share = `${((frame.total / all) * 100).toFixed(1)} %`;
  const title = `<title>${`${frame.name} ${frame.file}, ${share}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>`;
  const room = Math.floor((width - 6) / LETTER_WIDTH);
  const words = `${frame.name} ${width > 160 ? frame.file : ''}`.trim();
  const name = words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
  const label = width < LEAST_NAMED ? '' : text(x + 3, y + 12, name, { size: 11 });
  return `${title}${rect(x, y, Math.max(0.5, width - 0.5), ROW - 1, colour)}${label}`;
}
