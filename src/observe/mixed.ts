/** What begins the samples of a metric in the text format of Prometheus. */
const HEAD = /^# HELP /;

/**
 * One answer to a scrape of those of several processes, whose samples a label tells apart: each metric is described once,
 * as the format wants it, and has the samples of all.
 */
export function mixed(texts: readonly string[]): string {
  const metrics = new Map<string, { readonly head: readonly string[]; readonly samples: string[] }>();
  for (const text of texts) {
    for (const [help = '', ...lines] of blocks(text)) {
      const samples = lines.filter((line) => !line.startsWith('#'));
      const known = metrics.get(help);
      if (known === undefined) {
        metrics.set(help, { head: [help, ...lines.filter((line) => line.startsWith('#'))], samples });
      } else known.samples.push(...samples);
    }
  }
  return [...metrics.values()].map(({ head, samples }) => [...head, ...samples, ''].join('\n')).join('\n');
}

function blocks(text: string): string[][] {
  const all: string[][] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (HEAD.test(line) || all.length === 0) all.push([]);
    all.at(-1)?.push(line);
  }
  return all;
}
