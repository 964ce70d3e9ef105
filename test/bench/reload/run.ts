import { reloadCosts } from '../costs/reload.ts';
import { range, type Spread } from '../publish/spread.ts';

// `npm run bench:reload [-- --grants N]`: how long a reload of many grants takes, and how long requests wait meanwhile. Of 10,000
// the benchmark measures the same in fewer rounds.

const { argv } = process;
const at = argv.indexOf('--grants');
const ROUNDS = 12;

let round = 0;
const { grants, tookMs, slowestMs } = await reloadCosts(
  { grants: at === -1 ? 10_000 : Number(argv[at + 1]), rounds: ROUNDS },
  (one) => {
    round += 1;
    console.log(
      `${String(round).padStart(2)}  reload ${one.tookMs.toFixed(0)} ms; slowest request ${one.duringMs.toFixed(0)} ms, without one ${one.withoutMs.toFixed(0)} ms`,
    );
  },
);
const most = ({ median, most: highest }: Spread): string =>
  `${median.toFixed(0)} ms (at most ${highest.toFixed(0)})`;
console.log(
  `${grants} grants: a reload takes ${range(tookMs)} ms; the slowest request during one ${most(slowestMs.during)}, in the same time without ${most(slowestMs.without)}`,
);
