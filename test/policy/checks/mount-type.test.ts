import { mountType } from '../../../src/policy/checks/mount-type.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Mounts[0].Type';
const remedy = 'use a volume or a tmpfs (docker run --mount type=volume,...)';

describeCheck(mountType, 'mount-type', {
  refuses: ['image', 'cluster', 'npipe', '', 'Volume'].map(
    (type) =>
      [
        `the type "${type}"`,
        { mountTypes: [{ field, type }] },
        [{ field, asks: `asks for a mount of type "${type}"`, remedy }],
      ] as const,
  ),
  accepts: ['bind', 'volume', 'tmpfs'].map(
    (type) => [`the type ${type}`, { mountTypes: [{ field, type }] }] as const,
  ),
});
