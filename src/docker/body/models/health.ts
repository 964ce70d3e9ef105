import { array, field, int64, string, struct } from '../types.ts';

/** How the Engine finds out whether a container is healthy: `ContainerConfig.Healthcheck`, `ContainerSpec.Healthcheck`. */
export const HEALTH_CONFIG = struct('HealthConfig', {
  Test: field(array(string), 'the test: NONE, CMD or CMD-SHELL, and what to run'),
  Interval: field(int64, 'nanoseconds between two tests'),
  Timeout: field(int64, 'nanoseconds after which a test counts as failed'),
  StartPeriod: field(int64, 'nanoseconds in which failures do not count yet'),
  StartInterval: field(int64, 'nanoseconds between two tests during the start period'),
  Retries: field(int64, 'failures in a row that make it unhealthy'),
});
