import { readFileSync, writeFileSync } from 'node:fs';
import { type AuditResult, auditTable } from './audit.ts';
import { type Cost, costTable } from './judgement.ts';
import { type Result, tables } from './report.ts';
import { type TenancyCosts, tenancyTable } from './tenancy-report.ts';

/** The circumstances of a run, which its numbers can not be read without. */
export interface Facts {
  /** RFC 3339, when it began. */
  readonly time: string;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly haproxy: string;
  readonly engine: string;
  /** The benchmark alone brings it to about 3; what is beyond that are others on the same CPUs. */
  readonly loadAverage: { readonly before: number; readonly after: number };
  readonly seconds: number;
  readonly peakMiB: { readonly gateway: number; readonly haproxy: number };
}

const RESULTS = new URL('./results.json', import.meta.url);
const PAGE = new URL('../../docs/performance.md', import.meta.url);
const BLOCK = /(<!-- results: written by npm run bench -->\n)[\s\S]*(<!-- end of results -->)/;

/** What was measured. */
export interface Measurements {
  readonly costs: readonly Cost[];
  readonly results: readonly Result[];
  readonly tenancy: TenancyCosts;
  readonly audit: readonly AuditResult[];
}

/** All of it as Markdown tables. */
export function allTables({ costs, results, tenancy, audit }: Measurements): string {
  return [costTable(costs), tables(results), tenancyTable(tenancy), auditTable(audit)].join('\n\n');
}

/** Writes results.json, and the tables into docs/performance.md. */
export function publish(facts: Facts, measurements: Measurements): void {
  writeFileSync(RESULTS, `${JSON.stringify({ ...facts, ...measurements }, null, 2)}\n`);
  const page = readFileSync(PAGE, 'utf8');
  if (!BLOCK.test(page)) throw new Error('docs/performance.md has lost the marks between which results go.');
  writeFileSync(
    PAGE,
    page.replace(
      BLOCK,
      (_, begin: string, end: string) => `${begin}\n${section(facts, measurements)}\n\n${end}`,
    ),
  );
}

function section(facts: Facts, measurements: Measurements): string {
  const { loadAverage, peakMiB } = facts;
  const tenancyMiB = measurements.tenancy.peakMiB;
  const machine = `${facts.cpu}, ${facts.memoryGiB} GiB, Linux ${facts.kernel}, Node ${facts.node}`;
  const software = `${facts.haproxy}; ${facts.engine}`;
  const busy = `load average ${loadAverage.before} before and ${loadAverage.after} after`;
  return [
    `Made by \`npm run bench\` on ${facts.time.slice(0, 10)} in ${facts.seconds} seconds: ${machine}; ${software}; ${busy}.`,
    allTables(measurements),
    `Most memory resident: gateway ${peakMiB.gateway} MiB, haproxy ${peakMiB.haproxy} MiB; with the list of 5,000, gateway without tenancy ${tenancyMiB.off} MiB, with it ${tenancyMiB.on} MiB.`,
  ].join('\n\n');
}
