import { field, ignored, struct } from '../types.ts';
import { CONTAINER_CONFIG_FIELDS } from './container-config.ts';
import { HOST_CONFIG } from './host-config.ts';
import { NETWORKING_CONFIG } from './networking-config.ts';

const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...Object.keys(HOST_CONFIG.fields).map((name) => [name, `it belongs in HostConfig.${name}`] as const),
  ['Cpuset', 'it belongs in HostConfig.CpusetCpus'],
]);

/**
 * A new container: the body of ContainerCreate. Engines up to 26.1 also take every field of HostConfig at the top
 * level, some even beside a HostConfig; no API from 1.18 on says so, and here they are unknown fields (attack A011).
 */
export const CONTAINER_CREATE = struct(
  'ContainerCreate',
  {
    ...CONTAINER_CONFIG_FIELDS,
    HostConfig: field(HOST_CONFIG, 'what it gets of the host'),
    NetworkingConfig: field(NETWORKING_CONFIG, 'the networks it joins'),
    name: field(ignored, 'its name, which the query gives; dockerode repeats it'),
    platform: field(ignored, "the image's platform, which the query gives; dockerode repeats it"),
  },
  ELSEWHERE,
);
