import { array, bool, field, int64, string, struct, uint16, uint64 } from '../types.ts';
import { DEVICE_MAPPING, DEVICE_REQUEST, THROTTLE_DEVICE, WEIGHT_DEVICE } from './devices.ts';

/** One rlimit of the container's processes. */
export const ULIMIT = struct('Ulimit', {
  Name: field(string, 'the limit, such as nofile'),
  Soft: field(int64, 'the soft limit'),
  Hard: field(int64, 'the hard limit'),
});

/** What happens when a container has ended. */
export const RESTART_POLICY = struct('RestartPolicy', {
  Name: field(string, 'no, always, unless-stopped or on-failure'),
  MaximumRetryCount: field(int64, 'how often on-failure tries again'),
});

/** The Engine API's `Resources`: what a container may use. Part of HostConfig and of ContainerUpdate's body. */
export const RESOURCES_FIELDS = {
  CpuShares: field(int64, 'the relative weight of its CPU time'),
  Memory: field(int64, 'bytes of memory; 0 is no limit'),
  NanoCpus: field(int64, 'billionths of a CPU'),
  CgroupParent: field(string, 'the parent of its cgroup'),
  BlkioWeight: field(uint16, 'the relative weight of its block I/O, 10 to 1000'),
  BlkioWeightDevice: field(array(WEIGHT_DEVICE), 'the weight of its I/O on each block device'),
  BlkioDeviceReadBps: field(array(THROTTLE_DEVICE), 'bytes a second read from each block device'),
  BlkioDeviceWriteBps: field(array(THROTTLE_DEVICE), 'bytes a second written to each block device'),
  BlkioDeviceReadIOps: field(array(THROTTLE_DEVICE), 'reads a second from each block device'),
  BlkioDeviceWriteIOps: field(array(THROTTLE_DEVICE), 'writes a second to each block device'),
  CpuPeriod: field(int64, "microseconds of the CPU scheduler's period"),
  CpuQuota: field(int64, 'microseconds of CPU time in each period'),
  // docker-py spells them so.
  CpuRealtimePeriod: field(int64, "microseconds of the real-time scheduler's period", {
    alias: 'CPURealtimePeriod',
  }),
  CpuRealtimeRuntime: field(int64, 'microseconds of real-time CPU time in each period', {
    alias: 'CPURealtimeRuntime',
  }),
  CpusetCpus: field(string, 'the CPUs it may run on, such as 0-3'),
  CpusetMems: field(string, 'the memory nodes it may use'),
  Devices: field(array(DEVICE_MAPPING), 'devices of the host in the container'),
  DeviceCgroupRules: field(array(string), 'rules of the device cgroup, such as c 13:* rwm'),
  DeviceRequests: field(array(DEVICE_REQUEST), 'devices that a device driver is asked for'),
  DiskQuota: field(int64, 'bytes of disk; read by no Engine, documented up to API 1.39'),
  KernelMemory: field(int64, 'bytes of kernel memory; without effect since API 1.42'),
  KernelMemoryTCP: field(int64, 'bytes of TCP buffers in the kernel; without effect since API 1.52'),
  MemoryReservation: field(int64, 'bytes of memory it is brought back to when memory is short'),
  MemorySwap: field(int64, 'bytes of memory and swap together; -1 is no limit'),
  MemorySwappiness: field(int64, 'how readily its memory is swapped, 0 to 100'),
  OomKillDisable: field(bool, 'whether the kernel may not kill it when memory runs out'),
  PidsLimit: field(int64, 'how many processes; 0 and -1 are no limit'),
  Ulimits: field(array(ULIMIT), 'rlimits of its processes'),
  CpuCount: field(int64, 'how many CPUs; Windows only'),
  CpuPercent: field(int64, 'the share of the CPUs in percent; Windows only'),
  IOMaximumIOps: field(uint64, 'operations a second on its system drive; Windows only'),
  IOMaximumBandwidth: field(uint64, 'bytes a second on its system drive; Windows only'),
} as const;
