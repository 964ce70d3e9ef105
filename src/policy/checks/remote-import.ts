import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** Where an import says its address; an image's registry is said elsewhere. */
const SOURCE = 'query fromSrc';

/** As with remote-build, and what is fetched becomes an image that can be read. */
export const remoteImport: Check = defineCheck(
  {
    id: 'remote-import',
    forbids: 'file systems that the Engine fetches to import them',
    source: 'ours: server-side request forgery',
    remedy: 'send the file (docker import FILE instead of docker import URL)',
  },
  ({ registries }) =>
    registries
      .filter(({ field }) => field === SOURCE)
      .map(({ field, registry }) => ({
        field,
        asks: `has the Engine fetch a file system from ${quoted(registry)}`,
      })),
);
