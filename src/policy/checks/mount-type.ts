import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** What a bind may mount is host-path's to say. */
const KNOWN: ReadonlySet<string> = new Set(['bind', 'volume', 'tmpfs']);

export const mountType: Check = defineCheck(
  {
    id: 'mount-type',
    forbids: 'mounts of images, cluster volumes, named pipes and of types that are not known',
    source: 'PSS restricted: Volume Types, asked for in baseline already',
    remedy: 'use a volume or a tmpfs (docker run --mount type=volume,...)',
  },
  ({ mountTypes }) =>
    mountTypes
      .filter(({ type }) => !KNOWN.has(type))
      .map(({ field, type }) => ({ field, asks: `asks for a mount of type ${quoted(type)}` })),
);
