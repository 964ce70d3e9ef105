import { describe, expect, it } from 'vitest';
import { GENESIS, link } from '../../../src/audit/chain.ts';
import { compileFilter } from '../../../src/audit/query/filter.ts';
import { type Row, Rows } from '../../../src/audit/query/rows.ts';
import { makeTable, span, visible } from '../../../src/audit/query/table.ts';
import { type AuditEntry, type AuditLine, auditLine } from '../../../src/audit/record.ts';
import { type Sample, sample } from '../../support/sample-log.ts';

let clock = Date.parse('2026-11-26T14:00:00Z');
function lineOf(entry: AuditEntry, gateway = 'gw-1'): AuditLine {
  clock += 1_000;
  const time = new Date(clock).toISOString().replace('Z', '000000Z');
  const { line } = link(entry, { time, sequence: 7, gateway, previous: GENESIS.hash });
  return auditLine.parse(JSON.parse(line));
}

const all = compileFilter({}, 0);
const brief = ({ operation, status }: Row): string => `${operation} ${status}`;
const push = (rows: Rows, entry: AuditEntry, gateway?: string): string[] =>
  rows.push(lineOf(entry, gateway)).map(brief);
const of = (id: string, stage: Sample['stage'], operation = id): AuditEntry =>
  sample({ id, stage: stage ?? 'decision', operation });

describe('rows of a table', () => {
  it('join the decision and the end of a request, in the order of arrival', () => {
    const rows = new Rows(all);
    expect(push(rows, of('one', 'decision'))).toEqual([]);
    expect(push(rows, of('two', 'decision'))).toEqual([]);
    expect(push(rows, of('two', 'complete'))).toEqual([]);
    expect(push(rows, of('three', 'refused'))).toEqual([]);
    expect(push(rows, of('one', 'complete'))).toEqual(['one 204', 'two 204', 'three 403']);
    expect(push(rows, of('four', 'decision'))).toEqual([]);
    expect(rows.flush().map(brief)).toEqual(['four open']);
  });

  it('have the time of the arrival', () => {
    const rows = new Rows(all);
    const decision = lineOf(of('one', 'decision'));
    rows.push(decision);
    expect(rows.push(lineOf(of('one', 'complete')))[0]?.time).toBe(decision.time);
    const end = lineOf(sample({ stage: 'complete', durationMs: 1_500 }));
    expect(Date.parse(end.time) - Date.parse(new Rows(all).push(end)[0]?.time ?? '')).toBe(1_500);
  });

  it('wait for no request for ever', () => {
    const rows = new Rows(all);
    push(rows, of('long', 'decision'));
    let shown: string[] = [];
    for (let i = 0; i < 10_001; i += 1) shown = [...shown, ...push(rows, of(`${i}`, 'refused', 'X'))];
    expect(shown[0]).toBe('long open');
    expect(shown).toHaveLength(10_002);
    expect(push(rows, of('long', 'complete'))).toEqual(['long 204']);
  });

  it('come as requests end once it is live, and of sessions when they begin too', () => {
    const rows = new Rows(all);
    push(rows, of('before', 'decision'));
    push(rows, of('waits', 'refused'));
    expect(rows.goLive().map(brief)).toEqual(['waits 403']);
    expect(push(rows, of('exec', 'decision'))).toEqual([]);
    expect(push(rows, of('exec', 'stream-start'))).toEqual(['exec open']);
    expect(push(rows, of('before', 'complete'))).toEqual(['before 204']);
    expect(push(rows, of('exec', 'stream-end'))).toEqual([]);
    expect(push(rows, of('exec', 'complete'))).toEqual(['exec 204']);
  });

  it('belong to a period by their arrival', () => {
    clock = Date.parse('2026-11-26T14:59:57Z');
    const period = compileFilter({ since: '2026-11-26T15:00:00Z', until: '2026-11-26T15:00:02Z' }, 0);
    const rows = new Rows(period);
    expect(push(rows, of('before', 'refused'))).toEqual([]);
    push(rows, of('one', 'decision')); // 14:59:59
    push(rows, of('two', 'decision')); // 15:00:00
    push(rows, of('three', 'decision')); // 15:00:01
    push(rows, of('four', 'decision')); // 15:00:02
    push(rows, sample({ id: 'one', stage: 'complete', operation: 'one', durationMs: 4_000 }));
    expect(push(rows, of('two', 'complete'))).toEqual(['two 204']);
    expect(push(rows, of('three', 'complete'))).toEqual(['three 204']);
    expect(push(rows, of('four', 'complete'))).toEqual([]);
  });

  const start: AuditEntry = { type: 'start', version: '0.1.0', policyVersion: 'p', strict: true };

  it('of one stage do not say that what is not looked for goes on', () => {
    const decisions = new Rows(compileFilter({ stage: 'decision' }, 0));
    expect(push(decisions, of('one', 'decision'))).toEqual(['one -']);
    expect(push(decisions, of('one', 'complete'))).toEqual([]);
    expect(decisions.flush()).toEqual([]);
    const ends = new Rows(compileFilter({ stage: 'stream-end' }, 0));
    expect(push(ends, of('one', 'stream-end'))).toEqual(['one 204']);
  });

  it('tell of requests that were lost when the gateway crashed', () => {
    const rows = new Rows(all);
    expect(push(rows, start)).toEqual(['(start) -']);
    push(rows, of('lost', 'decision'));
    push(rows, of('done', 'refused'));
    expect(push(rows, start)).toEqual(['lost lost', 'done 403', '(crash) -', '(start) -']);
    push(rows, of('open', 'decision'));
    expect(rows.flush().map(brief)).toEqual(['open open']);
    expect(push(rows, { type: 'stop' })).toEqual(['(stop) -']);
    expect(push(rows, start)).toEqual(['(start) -']);
  });

  it('tell of a crash while they are followed, and where nothing but requests is asked for', () => {
    const live = new Rows(all);
    push(live, of('before', 'decision'));
    live.goLive();
    push(live, of('lost', 'decision'));
    expect(push(live, start)).toEqual(['before lost', 'lost lost', '(crash) -', '(start) -']);
    const allowed = new Rows(compileFilter({ effect: 'allow' }, 0));
    push(allowed, of('lost', 'decision'));
    expect(push(allowed, start)).toEqual(['lost lost']);
  });

  it('of several gateways are told apart: a crash of one loses what went on there, and nothing else', () => {
    const rows = new Rows(all);
    push(rows, start, 'gw-1');
    push(rows, start, 'gw-1.2');
    push(rows, of('same', 'decision', 'here'), 'gw-1');
    push(rows, of('same', 'decision', 'there'), 'gw-1.2');
    push(rows, of('other', 'decision'), 'gw-1.2');
    expect(push(rows, start, 'gw-1.2')).toEqual([]); // they wait for the one that goes on
    expect(push(rows, of('same', 'complete', 'here'), 'gw-1')).toEqual([
      'here 204',
      'there lost',
      'other lost',
      '(crash) -',
      '(start) -',
    ]);
    expect(push(rows, { type: 'stop' }, 'gw-1.2')).toEqual(['(stop) -']);
    expect(push(rows, start, 'gw-1')).toEqual(['(crash) -', '(start) -']);
    expect(push(rows, start, 'gw-1.2')).toEqual(['(start) -']);
  });

  it('name the gateway that something happened to when there are several', () => {
    const rows = new Rows(all);
    expect(rows.push(lineOf(start))[0]?.resource).toBe('the gateway started, version 0.1.0');
    rows.areSeveral = true;
    const resources = rows.push(lineOf(start)).map(({ resource }) => resource);
    expect(resources).toEqual([
      'the gateway had ended without a stop: it crashed or was killed (gw-1)',
      'the gateway started, version 0.1.0 (gw-1)',
    ]);
  });

  it('have what the user stated, and what an observed request would have been refused with', () => {
    const reason = (of: Sample) => new Rows(all).push(lineOf(sample({ stage: 'refused', ...of })))[0]?.reason;
    expect(reason({ reason: 'granted', statedReason: 'INC-1' })).toBe('granted ("INC-1")');
    expect(reason({ statedReason: 'a   deny  "b' })).toBe('not-granted ("a deny \\"b")');
    expect(reason({ observed: 'host-path' })).toBe('observed (host-path)');
    expect(reason({ observed: 'host-path', statedReason: 'x' })).toBe('observed (host-path; "x")');
  });

  it('of a request without an operation or a resource have what was asked for', () => {
    const row = (of: Sample): Partial<Row> | undefined =>
      new Rows(all).push(lineOf(sample({ stage: 'refused', ...of })))[0];
    const path = '/v1.51/containers/web/stop';
    expect(row({ operation: null, resource: null })).toMatchObject({
      operation: '-',
      resource: `POST ${path}`,
    });
    expect(row({ resource: null })).toMatchObject({ operation: 'ContainerStop', resource: path });
  });

  it('tell of what happened to the gateway, when no requests are asked for', () => {
    const gap: AuditEntry = {
      type: 'gap',
      lost: 3,
      since: '2026-11-26T14:00:00.000000000Z',
      error: 'ENOSPC',
    };
    expect(new Rows(all).push(lineOf(gap))[0]).toMatchObject({
      operation: '(gap)',
      resource: '3 records could not be written: ENOSPC',
    });
    expect(new Rows(compileFilter({ effect: 'deny' }, 0)).push(lineOf(gap))).toEqual([]);
    expect(new Rows(all).push(lineOf({ type: 'seal', segment: 1, records: 1, reason: 'size' }))).toEqual([]);
  });
});

describe('a table', () => {
  const [row] = new Rows(all).push(
    lineOf(
      sample({
        stage: 'refused',
        principal: 'mal\u001b[2Jlory\u202e\n',
        resource: { name: 'a-container-with-a-long-name-that-ends-in-db' },
      }),
    ),
  ) as [Row];

  it.each([60, 80, 100, 119, 120, 150, 250])('fits a terminal of %i columns', (columns) => {
    const table = makeTable(columns);
    const least = Math.max(columns, 80);
    for (const line of [table.heading, table.line(row)]) expect(line.length).toBeLessThanOrEqual(least);
    expect(table.line(row)).toMatch(/^[\x20-\x7e…]+$/);
  });

  it('cuts nothing where there is no terminal', () => {
    const line = makeTable(undefined).line(row);
    expect(line).toContain('container/team-a/a-container-with-a-long-name-that-ends-in-db');
    expect(line).toContain('mal\\u{1b}[2Jlory\\u{202e}\\u{a}');
  });

  it('cuts the beginning of a resource and keeps its end', () => {
    expect(makeTable(100).line(row)).toMatch(/ …\S*-db /);
  });

  it('shows full ids by their beginning, as the docker CLI does', () => {
    const named = new Rows(all).push(
      lineOf(sample({ stage: 'refused', resource: { name: 'c'.repeat(64) } })),
    );
    expect(makeTable(undefined).line(named[0] as Row)).toContain(`container/team-a/${'c'.repeat(12)}  `);
  });

  it.each([
    ['\u0000\u001b\u007f\u009b', '\\u{0}\\u{1b}\\u{7f}\\u{9b}'],
    ['\u200b\u2028\u202e\ufeff\u{e0001}', '\\u{200b}\\u{2028}\\u{202e}\\u{feff}\\u{e0001}'],
    ['Jürgen 東京', 'Jürgen 東京'],
  ])('shows what can not be seen', (text, shown) => expect(visible(text)).toBe(shown));

  it.each([
    [undefined, '-'],
    [0.2, '0ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [59_900, '59.9s'],
    [59_990, '1m00s'],
    [125_000, '2m05s'],
    [3_599_900, '1h00m'],
    [11_520_000, '3h12m'],
    [864_000_000, '10d'],
  ])('writes %s ms as %s', (ms, text) => expect(span(ms)).toBe(text));
});
