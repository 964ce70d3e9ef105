import { type Check, defineCheck } from './check.ts';
import { published } from './words.ts';

const FIRST_UNPRIVILEGED = 1024;

/** Why baseline does not forbid all ports: docs/decisions/0007-pod-security-standards-on-docker.md. */
export const privilegedPort: Check = defineCheck(
  {
    id: 'privileged-port',
    forbids: 'publishing on ports of the host below 1024',
    source: 'PSS baseline: Host Ports, as a known list',
    remedy: 'publish on a port from 1024 up (docker run -p 8080:80)',
  },
  ({ ports }) =>
    ports
      .filter(({ host }) => host !== null && host.first < FIRST_UNPRIVILEGED)
      .map((port) => ({ field: port.field, asks: `publishes ${published(port)}` })),
);
