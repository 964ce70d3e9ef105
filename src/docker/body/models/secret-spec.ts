import { field, type Made, string, struct } from '../types.ts';
import { ANNOTATIONS } from './annotations.ts';
import { DRIVER } from './driver.ts';

const DATA = field(string, 'the payload, in base64', { secret: true });
/** An Engine asked by an older version refuses it. */
const TEMPLATING = field(DRIVER, 'expand the payload as a template, where it is used', { since: 37 });

/** Body of SecretCreate (Engine API: `SecretSpec`). */
export const SECRET_SPEC = struct('SecretSpec', {
  ...ANNOTATIONS,
  Data: DATA,
  Driver: field(DRIVER, 'the plugin that has the payload'),
  Templating: TEMPLATING,
});
export type SecretSpec = Made<typeof SECRET_SPEC>;

/** Body of ConfigCreate (Engine API: `ConfigSpec`). */
export const CONFIG_SPEC = struct('ConfigSpec', {
  ...ANNOTATIONS,
  Data: DATA,
  Templating: TEMPLATING,
});
