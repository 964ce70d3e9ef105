import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/**
 * Which names stand for which address only the Engine's resolver knows; whom that troubles grants registries by
 * name. A number for a last label makes an address to one resolver or another: 127.1, 10.0.0.0x1, 2130706433.
 */
const ADDRESS = /^(?:\[.*\]|(?:.*\.)?localhost|(?:.*\.)?(?:\d+|0x[\da-f]*))\.?(?::\d*)?$/i;

/** Go decodes percent signs in a host and folds letters and dots of other alphabets (IDNA): `127。0.0.%EF%BC%91`. */
const SECOND_SPELLING = /[^!-$&-~]/;

export const registryAddress: Check = defineCheck(
  {
    id: 'registry-address',
    forbids: 'registries that are named by an IP address or localhost',
    source: 'ours: server-side request forgery',
    remedy: 'name the registry by its host name, or ask the operator to except this check',
  },
  ({ registries }) =>
    registries
      .filter(({ registry }) => ADDRESS.test(registry) || SECOND_SPELLING.test(registry))
      .map(({ field, registry }) => ({ field, asks: `has the Engine speak with ${quoted(registry)}` })),
);
