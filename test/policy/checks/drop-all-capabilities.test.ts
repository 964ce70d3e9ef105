import { dropAllCapabilities } from '../../../src/policy/checks/drop-all-capabilities.ts';
import { describeCheck } from './support.ts';

const found = (field: string) => ({
  field,
  asks: 'does not drop ALL capabilities',
  remedy: 'drop them all (docker run --cap-drop ALL)',
});
const dropped = (...names: string[]) => ({ capabilities: { added: [], dropped: names } });

describeCheck(dropAllCapabilities, 'drop-all-capabilities', {
  refuses: [
    ['a container that drops none', { runs: 'container' }, [found('HostConfig.CapDrop')]],
    [
      'a container that drops some',
      { runs: 'container', ...dropped('NET_RAW', 'MKNOD') },
      [found('HostConfig.CapDrop')],
    ],
    ['a service that drops none', { runs: 'service' }, [found('TaskTemplate.ContainerSpec.CapabilityDrop')]],
  ],
  accepts: [
    ['a container that drops all', { runs: 'container', ...dropped('NET_RAW', 'ALL') }],
    ['a service that drops all', { runs: 'service', ...dropped('ALL') }],
    ["an exec, which has its container's", { runs: 'exec' }],
    ['a build, which has no say', { runs: 'build' }],
  ],
});
