/** The few pieces that all pictures are drawn from: SVG by hand, with the fonts that a system has. */

export const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';

/** A picture on white, so that it is legible in a dark page too. */
export function picture(width: number, height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family='${FONT}' font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly weight?: 'bold';
  readonly fill?: string;
}

export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { anchor = 'start', size, weight, fill = '#1f2328' } = style;
  const more = `${size === undefined ? '' : ` font-size="${size}"`}${weight === undefined ? '' : ` font-weight="${weight}"`}`;
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="${fill}"${more}>${escaped(words)}</text>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, dash?: string): string {
  const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
  return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${stroke}"${dashes}/>`;
}

export function polyline(points: readonly (readonly [number, number])[], stroke: string): string {
  const list = points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
  return `<polyline points="${list}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
}

export function dot(x: number, y: number, fill: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="3" fill="${fill}"/>`;
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Two digits after the point are enough for a pixel, and keep the differences between two pictures small. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
