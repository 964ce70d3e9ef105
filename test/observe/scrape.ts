import type { Gateway } from '../support/gateway.ts';

/** What a gateway tells of itself. */
export interface Scrape {
  readonly text: string;
  /** Types of all metrics by name. */
  readonly types: ReadonlyMap<string, string>;
  /** Values by what stands before them on their line, labels in the order of their names: `a_total{b="c"}`. */
  readonly values: ReadonlyMap<string, number>;
  /** The value of one series; 0 where there is none. */
  of(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** `http://127.0.0.1:PORT` of a gateway whose `admin.listen` has port 0. */
export function adminOf(gateway: Pick<Gateway, 'log'>): string {
  const port = /"port":(\d+),"msg":"the admin listener/.exec(gateway.log())?.[1];
  if (port === undefined) throw new Error('the gateway has no admin listener');
  return `http://127.0.0.1:${port}`;
}

/** Asks for the metrics. */
export async function scrape(gateway: Pick<Gateway, 'log'>): Promise<Scrape> {
  const answer = await fetch(`${adminOf(gateway)}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answers ${answer.status}`);
  const text = await answer.text();
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const values = new Map(
    [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => [
      seriesName(name, Object.fromEntries(labelsOf(labels))),
      Number(value),
    ]),
  );
  return { text, types, values, of: (name, labels = {}) => values.get(seriesName(name, labels)) ?? 0 };
}

function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0
    ? name
    : `${name}{${sorted.map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}

function labelsOf(text: string): [string, string][] {
  return [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value]);
}
