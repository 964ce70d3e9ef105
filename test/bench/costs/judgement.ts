import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectAll } from '../../../src/collections.ts';
import { readContent, writeContent } from '../../../src/docker/content.ts';
import { factsOf } from '../../../src/docker/facts/facts.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { table } from '../publish/table.ts';

/** What judging one body cost, in microseconds. */
export interface Cost {
  readonly step: string;
  readonly p50: number;
  readonly p99: number;
  /** p50 as a multiple of JSON.parse and JSON.stringify of the same body in the same run. */
  readonly toJson: number;
}

/** What one question to the policy cost, its facts known. In microseconds. */
export interface DecisionCost {
  readonly operation: string;
  readonly grants: number;
  readonly p50: number;
  readonly p99: number;
}

export interface JudgementCosts {
  readonly costs: readonly Cost[];
  readonly decisions: readonly DecisionCost[];
}

const GRANTS = [10, 100, 1_000, 10_000] as const;
const ROUNDS = 2_000;
const WARM_UP = 6_000;
/** How long before the clock runs what was loaded, and what the warm-up left, is collected: V8 makes room for young objects anew then. */
const COLLECTED = 2_000;
const BODY_BYTES = 4_096;

const policies = fileURLToPath(new URL('../../../policies/', import.meta.url));

/** A body of ContainerCreate of 4 KB, as `docker run` with many options sends it. */
function body(): Buffer {
  const value = {
    Hostname: '',
    User: '1000',
    Image: 'registry.example.com/team/app:1.2',
    Cmd: ['serve', '--port', '8080'],
    Env: [] as string[],
    Labels: { 'com.example.team': 'blue' },
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      Binds: ['data:/data', 'cache:/cache:ro'],
      PortBindings: { '8080/tcp': [{ HostIp: '', HostPort: '8080' }] },
      CapDrop: ['ALL'],
      CapAdd: ['NET_BIND_SERVICE'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 536_870_912,
      NetworkMode: 'default',
      RestartPolicy: { Name: 'unless-stopped' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
      Mounts: [{ Type: 'volume', Source: 'shared', Target: '/shared', ReadOnly: true }],
    },
    NetworkingConfig: { EndpointsConfig: {} },
  };
  for (let n = 0; JSON.stringify(value).length < BODY_BYTES; n += 1)
    value.Env.push(`SETTING_${n}=value ${n}`);
  return Buffer.from(JSON.stringify(value));
}

/** Grants for others than the principal that is measured. */
function grantsFor(count: number): string {
  const lines = ['p, role:developer, **, @read @lifecycle @exec, "satisfies(""baseline"")", allow'];
  for (let n = 1; n < count; n += 1) {
    lines.push(
      `p, role:team-${n}, container/-/team-${n}-**, @read @lifecycle, "memoryAtMost(""${n}m"")", allow`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Measures reading, facts and decision of a body, for policies of many sizes. Takes some ten seconds. */
export async function judgementCosts(): Promise<JudgementCosts> {
  const bytes = body();
  const versions = { floor: 24, ceiling: 56, engine: 41 };
  const api = parseRequest({ method: 'POST', target: '/v1.41/containers/create' }, versions);
  const inspection = parseRequest({ method: 'GET', target: '/v1.41/containers/web/json' }, versions);
  const json = sampled(() => JSON.stringify(JSON.parse(bytes.toString())));
  const row = (step: string, { p50, p99 }: Sample, of = json): Cost => ({
    step,
    p50,
    p99,
    toJson: p50 / of.p50,
  });
  const content = readContent(api, bytes);
  const costs = [
    row(`JSON.parse and JSON.stringify of ${bytes.length} bytes`, json),
    row(
      'strict parse by the model',
      sampled(() => readContent(api, bytes)),
    ),
    row(
      'our own encoding',
      // A copy, for what was written once is not written again.
      sampled(() => writeContent({ ...content })),
    ),
    row(
      'facts',
      sampled(() => factsOf(api, content.value)),
    ),
  ];
  const dir = mkdtempSync(join(tmpdir(), 'qw-bench-'));
  const decisions: DecisionCost[] = [];
  try {
    const judges: (() => string)[] = [];
    const deciders: (() => string)[] = [];
    for (const count of GRANTS) {
      const grants = join(dir, `${count}.csv`);
      writeFileSync(grants, grantsFor(count));
      const policy = await loadPolicy({
        model: `${policies}model.conf`,
        profiles: `${policies}profiles.yaml`,
        grants,
      });
      // As identity makes it: one that is frozen is the same at the next request.
      const roles = Object.freeze(['developer']);
      const principal = Object.freeze({ name: 'alice', tenant: 'red', roles, method: 'certificate' });
      const approach = {
        principal,
        resource: 'container/-/',
        operation: api.operation,
        version: 41,
        query: api.query,
      };
      const judge = (): string => {
        policy.admits(approach);
        const read = readContent(api, bytes);
        return policy.decide({ ...approach, body: read.value, facts: factsOf(api, read.value) }).effect;
      };
      if (judge() !== 'allow') throw new Error('the benchmark measures a refusal');
      judges.push(judge);
      const facts = factsOf(api, content.value);
      const { operation, query } = inspection;
      const seen = { ...approach, operation, query };
      // Another container each time, or the verdict would be remembered and there were nothing to measure.
      let containers = 0;
      const next = (): string => `container/-/web-${containers++}`;
      const noFacts = factsOf(inspection, undefined);
      deciders.push(
        () => policy.decide({ ...approach, resource: next(), body: content.value, facts }).effect,
        () => policy.decide({ ...seen, resource: next(), body: undefined, facts: noFacts }).effect,
      );
    }
    if (deciders.some((decide) => decide() !== 'allow')) throw new Error('the benchmark measures a refusal');
    for (const [index, { p50, p99 }] of sampledInTurns(deciders).entries()) {
      const operation = index % 2 === 0 ? 'ContainerCreate of the 4 KB' : 'ContainerInspect';
      decisions.push({ operation, grants: GRANTS[index >> 1] ?? 0, p50, p99 });
    }
    const times = sampledInTurns([...judges, () => JSON.stringify(JSON.parse(bytes.toString()))]);
    const beside = times[GRANTS.length] ?? json;
    costs.push(row('JSON.parse and JSON.stringify, in turns with these', beside, beside));
    for (const [index, count] of GRANTS.entries()) {
      const name = `all of it and the decision, ${count.toLocaleString('en')} grants`;
      costs.push(row(name, times[index] ?? { p50: 0, p99: 0 }, beside));
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  return { costs, decisions };
}

/** As a Markdown table. */
export function decisionTable(decisions: readonly DecisionCost[]): string {
  return table(
    ['policy alone', 'grants', 'p50 us', 'p99 us'],
    decisions.map(({ operation, grants, p50, p99 }) => [
      ...[operation, grants.toLocaleString('en'), p50.toFixed(1), p99.toFixed(1)],
    ]),
    1,
  );
}

/** As a Markdown table. */
export function costTable(costs: readonly Cost[]): string {
  return table(
    ['a body of 4 KB', 'p50 us', 'p99 us', 'to JSON.parse'],
    costs.map(({ step, p50, p99, toJson }) => [step, p50.toFixed(0), p99.toFixed(0), toJson.toFixed(1)]),
    1,
  );
}

interface Sample {
  readonly p50: number;
  readonly p99: number;
}

function sampled(act: () => unknown): Sample {
  return sampledInTurns([act])[0] as Sample;
}

/** Takes turns, so that what the machine or the compiler does meanwhile falls on all alike. */
function sampledInTurns(acts: readonly (() => unknown)[]): Sample[] {
  const times = acts.map(() => new Float64Array(ROUNDS));
  for (let n = -WARM_UP; n < ROUNDS; n += 1) {
    if (n === -COLLECTED) collectAll();
    for (const [index, act] of acts.entries()) {
      const started = process.hrtime.bigint();
      act();
      const taken = Number(process.hrtime.bigint() - started) / 1_000;
      if (n >= 0) (times[index] as Float64Array)[n] = taken;
    }
  }
  return times.map((each) => {
    each.sort();
    return { p50: each[ROUNDS >> 1] ?? 0, p99: each[Math.floor(ROUNDS * 0.99)] ?? 0 };
  });
}
