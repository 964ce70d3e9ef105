import { describe, expect, it } from 'vitest';
import { ROWS } from '../rows.ts';
import { goalsOf, goalTable, judged } from './goals.ts';
import type { Measurements } from './measurements.ts';
import { barsOf, ratioPicture } from './ratios.ts';
import type { Result } from './result.ts';
import { spread } from './spread.ts';

const one = (value: number) => spread([value]);

function result(row: string, rate: number, cpu: number, addedMs = 0): Result {
  const beside = { rate: one(rate), cpu: one(cpu), addedP50Ms: one(addedMs), addedP99Ms: one(addedMs) };
  return {
    ...{ row, contender: 'gateway', rate: one(1), p50Ms: one(1), p99Ms: one(1), cpu: one(1) },
    ...{ loadCpuPercent: one(1), resumed: one(1), lateMs: null },
    beside: { haproxy: beside, 'haproxy, 1 thread': beside, socket: beside },
  };
}

const measured: Measurements = {
  requests: [result(ROWS.ping16, 0.75, 2.5), result(ROWS.list50, 0.94, 9)],
  offered: [result(ROWS.offeredPing, 1, 1, 0.5)],
  connections: [result(ROWS.full, 1, 1.19), result(ROWS.resumed, 1, 1.3)],
  transfers: [result(ROWS.download, 0.85, 1.2)],
  echo: [result(ROWS.echo, 1, 1, 0.3)],
  commands: [
    { command: 'docker ps', through: 'gateway', ms: one(21), dockerdMs: one(20), ratio: one(1.05) },
    { command: 'docker ps', through: 'haproxy', ms: one(40), dockerdMs: one(20), ratio: one(2) },
  ],
  memory: {
    idle: [{ contender: 'gateway', held: 5_000, kibEach: 63 }],
    stalled: [{ contender: 'gateway', peers: 24, idleMiB: 60, peakMiB: 96 }],
  },
  start: { firstAnswerMs: one(601), resumedAcrossRestarts: false },
  reload: { grants: 10_000, tookMs: one(299), slowestMs: { during: one(51), without: one(9) } },
  workers: { workers: 2, cpus: 4, rateToOne: one(1.6), cpuToOne: one(1), resumed: 1 },
  costs: [{ step: 'all of it', p50: 100, p99: 150, toJson: 4 }],
  decisions: [
    { operation: 'a', grants: 10, p50: 10, p99: 30 },
    { operation: 'a', grants: 10_000, p50: 13, p99: 40 },
  ],
  tenancy: { results: [], peakMiB: { off: 1, on: 1 } },
  audit: [],
};

const verdict = (work: string) => goalsOf(measured).find((goal) => goal.work.startsWith(work))?.verdict;

describe('a goal', () => {
  it.each([
    ['at least', 1, 'met'],
    ['at least', 0.9, 'floor met'],
    ['at least', 0.5, 'not met'],
    ['at least', undefined, 'not measured'],
    ['at least', Number.NaN, 'not measured'],
  ] as const)('%s 1, at least 0.8 by its floor: %s is %s', (is, value, wanted) => {
    expect(judged({ is, goal: 1, floor: 0.8 }, value)).toBe(wanted);
  });

  it('of what is to be small is met by less', () => {
    expect(judged({ is: 'at most', goal: 1 }, 0.9)).toBe('met');
    expect(judged({ is: 'at most', goal: 1 }, 1.1)).toBe('not met');
  });
});

describe('the goals', () => {
  it.each([
    ['`docker ps`', 'met'],
    [`${ROWS.list50}: rate`, 'not met'],
    [`${ROWS.list1000}: rate`, 'not measured'],
    [`${ROWS.ping16}: rate`, 'met'],
    [`${ROWS.ping16}: CPU`, 'floor met'],
    [`${ROWS.offeredPing}, 1,000`, 'met'],
    [`${ROWS.full}: CPU`, 'met'],
    [`${ROWS.resumed}: CPU`, 'not met'],
    ['tickets resumed across restarts', 'not met'],
    [`${ROWS.download}: MB/s`, 'floor met'],
    [`${ROWS.download}: CPU`, 'met'],
    // 96 MiB are more than 100 MB.
    ['memory of the gateway with stalled', 'not met'],
    ['exec keystroke echo: p50', 'not met'],
    ['exec keystroke echo: p99', 'met'],
    // 63 KiB are more than 64 kB.
    ['idle hijacked session', 'not met'],
    ['idle hijacked sessions held', 'met'],
    ['decision on a 4 KB', 'met'],
    ['policy decision alone: p50', 'not met'],
    ['reload of 10,000', 'met'],
    ['the slowest request of all', 'not met'],
    ['share of offered sessions that are resumed across', 'met'],
    ['GET /_ping, 64 connections: rate of 2 workers', 'met'],
    ['cold start', 'not met'],
  ])('%s: %s', (work, wanted) => {
    expect(verdict(work)).toBe(wanted);
  });

  it('show what is not met in bold', () => {
    const table = goalTable(goalsOf(measured));
    expect(table).toContain('**not met**');
    expect(table).not.toContain('**met**');
    expect(table).not.toContain('NaN');
  });
});

describe('the picture', () => {
  it('has bars for each row, with their numbers', () => {
    expect(barsOf(measured)).toHaveLength(5);
    const svg = ratioPicture(measured, '2026-11-26T00:00:00Z');
    expect(svg).toContain('>0.75</text>');
    expect(svg).toContain('>2.50</text>');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
