import { array, field, int64, map, string, struct, uint16, uint64 } from '../types.ts';

/** A device of the host in the container. */
export const DEVICE_MAPPING = struct('DeviceMapping', {
  PathOnHost: field(string, 'the device on the host'),
  PathInContainer: field(string, 'where the container sees it'),
  CgroupPermissions: field(string, 'what may be done with it: r, w, m'),
});

/** What a device driver is asked for: GPUs, CDI devices. */
export const DEVICE_REQUEST = struct('DeviceRequest', {
  Driver: field(string, 'the device driver; cdi and nvidia come with the Engine'),
  Count: field(int64, 'how many devices; -1 is all'),
  DeviceIDs: field(array(string), 'the devices, by the names the driver gives them'),
  Capabilities: field(
    array(array(string)),
    'what a device must be capable of, such as gpu: one of the lists',
  ),
  Options: field(map(string), 'options of the driver'),
});

/** The share of one block device's time. */
export const WEIGHT_DEVICE = struct('WeightDevice', {
  Path: field(string, 'the device on the host'),
  Weight: field(uint16, 'the relative weight, 10 to 1000'),
});

/** The limit on one block device. */
export const THROTTLE_DEVICE = struct('ThrottleDevice', {
  Path: field(string, 'the device on the host'),
  Rate: field(uint64, 'bytes or operations a second'),
});
