import { type Check, defineCheck } from './check.ts';

/** Its steps are containers to which no request can say what restricted wants said. */
export const unconfinedBuild: Check = defineCheck(
  {
    id: 'unconfined-build',
    forbids: 'builds, whose steps run as root with the default capabilities',
    source: 'PSS restricted: Running as Non-root, Capabilities and Privilege Escalation',
    remedy: 'build elsewhere and pull the image, or ask the operator to except this check for who may build',
  },
  ({ runs }) =>
    runs === 'build'
      ? [{ field: 'Dockerfile', asks: 'runs its steps as root with the default capabilities' }]
      : [],
);
