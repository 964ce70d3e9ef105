import type { Dockerfile } from '../build.ts';
import type { From } from './bases.ts';

/**
 * A Dockerfile whose stages start from images by their ids. Each FROM stands in one line, where it began; what stood in its further
 * lines, comments too, is gone, and all other lines keep their numbers.
 *
 * @param idOf the id of the image that a FROM starts from, `sha256:` and 64 hexadecimal digits
 */
export function pinned({ content, froms }: Dockerfile, idOf: (from: From) => string): Buffer {
  const lines = content.toString('latin1').split('\n');
  for (const from of froms) {
    const { first, last, flags, stage } = from;
    const words = [
      ...flags.map((flag) => `--${flag}`),
      idOf(from),
      ...(stage === undefined ? [] : ['AS', stage]),
    ];
    // A byte order mark of the file counts for nothing, and goes with its first line.
    lines[first - 1] = ['FROM', ...words].join(' ');
    for (let at = first; at < last; at += 1) lines[at] = '';
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}
