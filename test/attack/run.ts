import { CASES } from './cases/all.ts';
import { type Observed, observe } from './corpus/observe.ts';
import { openForCorpus, openForTenants } from './corpus/persona.ts';
import { HEADING, lineOf } from './corpus/table.ts';
import { faultsOf } from './corpus/verify.ts';

// `npm run attack [ID...]`: makes the attacks of the corpus (or those whose id begins so) on gateways of its own with
// recording fake Engines behind them, one that tells tenants apart, and prints a line for each. Exit code 1 when one did
// not end as it must.

const wanted = process.argv.slice(2);
const cases = CASES.filter(({ id }) => wanted.length === 0 || wanted.some((prefix) => id.startsWith(prefix)));
const doors = { one: await openForCorpus(), tenants: await openForTenants() };
const failed: string[] = [];
let attempts = 0;
console.log(HEADING);
for (const each of cases) {
  const door = each.tenants === undefined ? doors.one : doors.tenants;
  const observed: Observed[] = [];
  const faults: string[] = [];
  for (const attempt of each.attempts) {
    try {
      const seen = await observe(door, each, attempt);
      observed.push(seen);
      faults.push(...faultsOf(each, seen));
    } catch (error) {
      faults.push(`${attempt.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  attempts += each.attempts.length;
  failed.push(...faults.map((fault) => `${each.id} ${each.title}: ${fault}`));
  console.log(lineOf(each, observed, faults));
}
await doors.one.close();
await doors.tenants.close();

const later = cases.filter((each) => each.later !== undefined);
for (const { id, title, later: { issue, wants } = {} } of later) {
  console.log(`issue ${issue}: ${id} ${title}; it wants: ${wants}`);
}
for (const fault of failed) console.error(`FAIL ${fault}`);
console.log(
  `${cases.length} cases, ${attempts} attempts; ${later.length} of these wait for more by a later issue; ` +
    `${failed.length === 0 ? 'all ended as they must' : `${failed.length} faults`}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
