import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const storageOption: Check = defineCheck(
  {
    id: 'storage-option',
    forbids: 'options for the storage driver',
    source: 'ours',
    remedy: 'leave it out (docker run without --storage-opt)',
  },
  ({ storageOptions }) =>
    storageOptions.map(({ field, name }) => ({
      field,
      asks: `gives the storage driver the option ${quoted(name)}`,
    })),
);
