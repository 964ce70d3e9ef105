import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { promtool } from '../support/promtool.ts';
import { type Scrape, scrape } from './scrape.ts';

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));
const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

/** What stands for a metric in PromQL. */
const METRIC = /\b(?:quaywarden|process|nodejs)_[a-z0-9_]+/g;

let door: FrontDoor;
let told: Scrape;
beforeAll(async () => {
  door = await openFrontDoor({
    config: {
      admin: { listen: '127.0.0.1:0' },
      audit: { sinks: [{ name: 'out', type: 'stdout' }] },
    },
  });
  await door.ask(http('GET /v1.41/info'));
  await door.ask(http('GET /v1.41/events'));
  await door.ask(http('GET /v1.41/info'), null);
  await door.records();
  told = await scrape(door.gateway);
});
afterAll(() => door.close());

/** Every metric that an expression names must be told, by the name that it is told by. */
function untold(expressions: readonly string[]): string[] {
  const names = expressions.flatMap((expression) => expression.match(METRIC) ?? []);
  expect(names.length).toBeGreaterThan(10);
  return [...new Set(names)].filter((name) => {
    const [, family = name] = /^(.+)_(?:bucket|sum|count)$/.exec(name) ?? [];
    return told.types.get(name) === undefined && told.types.get(family) !== 'histogram';
  });
}

describe('what is told', () => {
  it('is what promtool takes for metrics as they should be', () => {
    expect(promtool(['check', 'metrics'], told.text)).toEqual({ code: 0, said: '' });
    // It does not take everything.
    expect(promtool(['check', 'metrics'], '# TYPE a_total gauge\na_total 1\n').code).toBe(3);
  });

  it('stands in docs/metrics.md, with its type and labels, and nothing else does', () => {
    const rows = [...page.matchAll(/^\| `(quaywarden_\w+)` \| (\w+) \| (.+?) \| .+\.(?:\))? \|$/gm)];
    const documented = new Map(rows.map(([, name = '', type = '', labels = '']) => [name, { type, labels }]));
    const own = [...told.types].filter(([name]) => name.startsWith('quaywarden_'));
    expect([...documented].map(([name, { type }]) => `${name} ${type}`).sort()).toEqual(
      own.map(([name, type]) => `${name} ${type}`).sort(),
    );
    for (const series of told.values.keys()) {
      const [, name = '', labels = ''] = /^(quaywarden_\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
      if (name === '') continue;
      const row = documented.get(name) ?? documented.get(name.replace(/_(?:bucket|sum|count)$/, ''));
      const has = [...labels.matchAll(/(\w+)="/g)]
        .map(([, label]) => label)
        .filter((label) => label !== 'le');
      const says = [...(row?.labels.matchAll(/`(\w+)`/g) ?? [])].map(([, label]) => label);
      expect([series, has]).toEqual([series, [...says].sort()]);
    }
  });
});

describe('deploy/prometheus', () => {
  const text = readFileSync(`${deploy}/prometheus/alerts.yml`, 'utf8');
  const { groups } = parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('has rules that promtool takes, and that fire when they should and only then', () => {
    const checked = promtool(['check', 'rules', `${deploy}/prometheus/alerts.yml`]);
    expect(checked).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS') });
    const tested = promtool(['test', 'rules', `${deploy}/prometheus/alerts.test.yml`]);
    expect(tested, tested.said).toMatchObject({ code: 0 });
  });

  it('tests each of them, silent and firing', () => {
    const { tests } = parse(readFileSync(`${deploy}/prometheus/alerts.test.yml`, 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[];
    };
    const all = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const names = rules.map(({ alert }) => alert).sort();
    const tested = (isFiring: boolean): string[] =>
      [
        ...new Set(
          all.filter((each) => (each.exp_alerts !== undefined) === isFiring).map((each) => each.alertname),
        ),
      ].sort();
    expect(tested(true)).toEqual(names);
    expect(tested(false)).toEqual(names);
  });

  it('asks only for metrics that there are', () => {
    expect(untold(rules.map(({ expr }) => expr))).toEqual([]);
  });
});

describe('deploy/grafana', () => {
  const dashboard = JSON.parse(readFileSync(`${deploy}/grafana/quaywarden.json`, 'utf8')) as {
    panels: { id: number; title: string; type: string; targets?: { expr: string }[] }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it('asks only for metrics that there are', () => {
    expect(untold(expressions)).toEqual([]);
  });

  it('holds expressions that Prometheus understands', () => {
    const plain = (expr: string): string =>
      expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr: plain(expr) }));
    const file = `${door.gateway.dir}/dashboard.yml`;
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool(['check', 'rules', file])).toMatchObject({ code: 0 });
  });

  it('has panels of their own id, each with a title', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { title } of dashboard.panels) expect(title).not.toBe('');
  });
});
