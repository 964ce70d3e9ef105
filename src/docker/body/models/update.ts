import { field, type Made, struct } from '../types.ts';
import { RESOURCES_FIELDS, RESTART_POLICY } from './resources.ts';

/** New limits of a container: the body of ContainerUpdate. Absent, null and zero leave what is. */
export const UPDATE_CONFIG = struct('UpdateConfig', {
  ...RESOURCES_FIELDS,
  RestartPolicy: field(RESTART_POLICY, 'what happens when it has ended'),
});
export type UpdateConfig = Made<typeof UPDATE_CONFIG>;
