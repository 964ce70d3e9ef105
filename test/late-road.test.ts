import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LateRoad } from '../src/late-road.ts';
import { openProxyRoad } from '../src/proxy-road.ts';

vi.mock('../src/proxy-road.ts', () => ({ openProxyRoad: vi.fn() }));

const open = vi.mocked(openProxyRoad);
const road = { forward: vi.fn(), close: vi.fn(async () => {}) };

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  open.mockResolvedValue(road);
});
afterEach(() => vi.useRealTimers());

it('is opened a second after the gateway listens, and not before', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon();
  await vi.advanceTimersByTimeAsync(999);
  expect(open).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(1));
  await late.close();
  expect(road.close).toHaveBeenCalledTimes(1);
});

it('is opened by the first request that comes before, once, and then is there at once', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon();
  expect(await Promise.all([late.open(), late.open()])).toEqual([road, road]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(open).toHaveBeenCalledTimes(1);
  expect(late.open()).toBe(road);
});

it('fails whoever needs it when it can not be opened', async () => {
  open.mockRejectedValueOnce(new Error('not there'));
  const late = new LateRoad(vi.fn());
  await expect(late.open()).rejects.toThrow('not there');
  await expect(late.open()).rejects.toThrow('not there');
  await late.close();
});

it('is not opened by a gateway that has stopped', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon();
  await late.close();
  await vi.advanceTimersByTimeAsync(2_000);
  expect([open.mock.calls.length, road.close.mock.calls.length]).toEqual([0, 0]);
});
