import type { ContainerConfig } from '../body/models/container-config.ts';
import type { HostConfig } from '../body/models/host-config.ts';
import type { NetworkingConfig } from '../body/models/networking-config.ts';
import { configFacts } from './container-config.ts';
import { endpoints } from './host-config/endpoints.ts';
import { hostConfigParts } from './host-config/host-config.ts';
import { networkMode } from './host-config/network-mode.ts';
import { imageFact } from './image.ts';
import { mergeFacts } from './merge.ts';
import type { Facts } from './types.ts';
import { workingDir } from './working-dir.ts';

/** The body of ContainerCreate. */
type ContainerCreate = ContainerConfig & {
  readonly HostConfig?: HostConfig;
  readonly NetworkingConfig?: NetworkingConfig;
};

/** What a new container asks for. */
export function containerFacts(body: ContainerCreate): Partial<Facts> {
  const { Image = '', HostConfig = {}, NetworkingConfig = {} } = body;
  const image = Image === '' ? null : imageFact('Image', Image);
  const { VolumeDriver: driver = '' } = HostConfig;
  const facts = mergeFacts(
    { runs: 'container', image, images: image === null ? [] : [image] },
    configFacts(body, driver),
    workingDir('WorkingDir', body.WorkingDir),
    ...hostConfigParts(HostConfig),
    endpoints('NetworkingConfig.EndpointsConfig', NetworkingConfig.EndpointsConfig),
    macAddress(body.MacAddress, HostConfig.NetworkMode),
  );
  return driver === '' ? facts : mergeFacts(facts, imageVolumes(driver, facts));
}

/**
 * The driver makes the volumes that the image declares too (moby, daemon/create_unix.go). Which these are is not told
 * here, so it is one anonymous volume, unless another tells of the driver already.
 */
function imageVolumes(driver: string, { volumes = [] }: Partial<Facts>): Partial<Facts> {
  if (volumes.some((volume) => volume.driver === driver)) return {};
  return { volumes: [{ field: 'HostConfig.VolumeDriver', name: '', driver, options: [], mode: 'rw' }] };
}

/** The address asked for at the top level: it is that of the network which NetworkMode names. */
function macAddress(address = '', mode = ''): Partial<Facts> {
  if (address === '') return {};
  const { networks } = networkMode('MacAddress', mode);
  return { networks: networks.map((network) => ({ ...network, addresses: [address] })) };
}
