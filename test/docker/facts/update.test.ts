import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { ask } from './ask.ts';

const update = (body: object) => ask('POST /v1.41/containers/web/update', body);
const lifted = (body: object) => update(body).resources.lifted?.map(({ field }) => field);

describe('an update', () => {
  it('of nothing asks for nothing', () => {
    expect(update({})).toEqual({ ...NO_FACTS, resources: { ulimits: [], lifted: [] } });
  });

  it('sets limits, by fields at the top level', () => {
    expect(update({ Memory: 1024, PidsLimit: 7 }).resources).toMatchObject({
      memory: { field: 'Memory', value: 1024n },
      pids: { field: 'PidsLimit', value: 7n },
      lifted: [],
    });
  });

  it('E051: lifts limits, gives devices, restarts always', () => {
    const body = {
      DeviceCgroupRules: ['a *:* rwm'],
      Devices: [{ PathOnHost: '/dev/sda' }],
      Memory: 0,
      PidsLimit: 0,
      CgroupParent: '/',
      RestartPolicy: { Name: 'always' },
    };
    expect(update(body)).toMatchObject({
      devices: [
        { field: 'Devices[0]', value: '/dev/sda' },
        { field: 'DeviceCgroupRules[0]', kind: 'cgroup-rule', value: 'a *:* rwm' },
      ],
      hostPaths: [{ field: 'Devices[0]', path: '/dev/sda' }],
      cgroupParent: { field: 'CgroupParent', path: '/' },
      restart: { field: 'RestartPolicy.Name', policy: 'always' },
      resources: { lifted: [{ field: 'PidsLimit' }] },
    });
  });

  it.each([
    [{ PidsLimit: -1 }, ['PidsLimit']],
    [{ PidsLimit: 1 }, []],
    [{ MemorySwap: -1 }, ['MemorySwap']],
    [{ MemorySwap: 1024 }, []],
    [{ Memory: 0, NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0 }, []],
    [{ CpuQuota: -1 }, ['CpuQuota']],
    [{ CpuQuota: 1000 }, ['CpuQuota']],
    [{ CpuPeriod: 1000 }, ['CpuPeriod']],
    [{ CpuQuota: -1, CpuPeriod: 1000 }, ['CpuQuota']],
    [{ CpuQuota: 1000, CpuPeriod: 1000 }, []],
  ])('%j lifts %j', (body, fields) => {
    expect(lifted(body)).toEqual(fields);
  });
});
