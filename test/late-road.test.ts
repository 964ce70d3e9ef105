import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LateRoad } from '../src/late-road.ts';
import { openProxyRoad } from '../src/proxy-road.ts';

vi.mock('../src/proxy-road.ts', () => ({ openProxyRoad: vi.fn() }));

const silentLog = pino({ level: 'silent' });
const open = vi.mocked(openProxyRoad);
const road = { forward: vi.fn(), close: vi.fn(async () => {}) };
const request = [{}, {}, {}] as never as Parameters<LateRoad['forward']>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  open.mockResolvedValue(road);
});
afterEach(() => vi.useRealTimers());

it('is opened a second after the gateway listens, and not before', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon(silentLog);
  await vi.advanceTimersByTimeAsync(999);
  expect(open).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(1));
  await late.close();
  expect(road.close).toHaveBeenCalledTimes(1);
});

it('is opened by the first request that comes before, once', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon(silentLog);
  await Promise.all([late.forward(...request), late.forward(...request)]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect([open.mock.calls.length, road.forward.mock.calls]).toEqual([1, [request, request]]);
});

it('that can not be opened fails the request, and is tried again at the next', async () => {
  open.mockRejectedValueOnce(new Error('not there'));
  const late = new LateRoad(vi.fn());
  await expect(late.forward(...request)).rejects.toThrow('not there');
  expect(road.forward).not.toHaveBeenCalled();
  await late.forward(...request);
  expect(road.forward).toHaveBeenCalledTimes(1);
});

it('is not opened by a gateway that has stopped', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon(silentLog);
  await late.close();
  await vi.advanceTimersByTimeAsync(2_000);
  expect([open.mock.calls.length, road.close.mock.calls.length]).toEqual([0, 0]);
});
