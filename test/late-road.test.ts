import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { collectAll } from '../src/collections.ts';
import { LateRoad } from '../src/late-road.ts';
import { openProxyRoad } from '../src/proxy-road.ts';

vi.mock('../src/proxy-road.ts', () => ({ openProxyRoad: vi.fn() }));
vi.mock('../src/collections.ts', () => ({ collectAll: vi.fn() }));

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
  // What the start used is taken back once all of it is there.
  expect(open.mock.invocationCallOrder[0]).toBeLessThan(
    vi.mocked(collectAll).mock.invocationCallOrder[0] ?? 0,
  );
  expect(collectAll).toHaveBeenCalledTimes(1);
  await late.close();
  expect(road.close).toHaveBeenCalledTimes(1);
});

it('is opened by the first request that comes before, once, and then is there at once', async () => {
  const late = new LateRoad(vi.fn());
  late.openSoon();
  expect(await Promise.all([late.open(), late.open()])).toEqual([road, road]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(open).toHaveBeenCalledTimes(1);
  expect(collectAll).toHaveBeenCalledTimes(1);
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
  expect([open, road.close, vi.mocked(collectAll)].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
});
