import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

describe('resources', () => {
  it('are told with their fields', () => {
    const limits = { Memory: 1, MemorySwap: 2, NanoCpus: 3, PidsLimit: 4, ShmSize: 5, OomKillDisable: true };
    expect(
      askHost({ ...limits, Ulimits: [{ Name: 'nofile', Soft: 6, Hard: 7 }, { Name: 'x' }] }).resources,
    ).toEqual({
      memory: { field: 'HostConfig.Memory', value: 1n },
      memorySwap: { field: 'HostConfig.MemorySwap', value: 2n },
      nanoCpus: { field: 'HostConfig.NanoCpus', value: 3n },
      pids: { field: 'HostConfig.PidsLimit', value: 4n },
      shm: { field: 'HostConfig.ShmSize', value: 5n },
      oomKillDisabled: { field: 'HostConfig.OomKillDisable' },
      ulimits: [
        { field: 'HostConfig.Ulimits[0]', name: 'nofile', soft: 6n, hard: 7n },
        { field: 'HostConfig.Ulimits[1]', name: 'x', soft: 0n, hard: 0n },
      ],
    });
  });

  it.each(['Memory', 'NanoCpus', 'PidsLimit', 'ShmSize', 'CpuQuota'])(
    '%s of 0 and -1 is no limit',
    (name) => {
      expect(askHost({ [name]: 0 }).resources).toEqual({ ulimits: [] });
      expect(askHost({ [name]: -1 }).resources).toEqual({ ulimits: [] });
    },
  );

  it('MemorySwap of -1 is told: it is no limit of swap; 0 is the default', () => {
    expect(askHost({ MemorySwap: -1 }).resources.memorySwap?.value).toBe(-1n);
    expect(askHost({ MemorySwap: 0 }).resources.memorySwap).toBeUndefined();
  });

  it('keep every digit', () => {
    expect(askHost(JSON.parse('{}')).resources.memory).toBeUndefined();
    expect(askHost({ Memory: 2 ** 53 }).resources.memory?.value).toBe(9_007_199_254_740_992n);
  });

  it.each([
    [{ CpuQuota: 100_000 }, 1_000_000_000n],
    [{ CpuQuota: 50_000 }, 500_000_000n],
    [{ CpuQuota: 2000, CpuPeriod: 1000 }, 2_000_000_000n],
    [{ CpuQuota: 1000, CpuPeriod: 3000 }, 333_333_334n],
    [{ CpuQuota: 1000, CpuPeriod: -1 }, 10_000_000n],
  ])('%j is a limit of CPU time, rounded up', (limits, value) => {
    expect(askHost(limits).resources.nanoCpus).toEqual({ field: 'HostConfig.CpuQuota', value });
  });

  it('CpuPeriod alone limits nothing, and NanoCpus goes before CpuQuota', () => {
    expect(askHost({ CpuPeriod: 1000 }).resources.nanoCpus).toBeUndefined();
    expect(askHost({ NanoCpus: 5, CpuQuota: 1000 }).resources.nanoCpus).toEqual({
      field: 'HostConfig.NanoCpus',
      value: 5n,
    });
  });

  it('the OOM killer that is not disabled is the default', () => {
    expect(askHost({ OomKillDisable: false }).resources).toEqual({ ulimits: [] });
  });
});
