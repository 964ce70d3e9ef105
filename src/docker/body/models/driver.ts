import { field, map, string, struct } from '../types.ts';

/** A plugin by name with its options: of logs, of secrets, of templates (Engine API: `Driver`). */
export const DRIVER = struct('Driver', {
  Name: field(string, 'which driver'),
  Options: field(map(string), 'its options, keys and tokens among them', { secret: true }),
});
