import { type Check, defineCheck } from './check.ts';
import { published } from './words.ts';

/** Why in restricted: docs/decisions/0007-pod-security-standards-on-docker.md. */
export const hostPort: Check = defineCheck(
  {
    id: 'host-port',
    forbids: 'publishing ports on the host',
    source: 'PSS baseline: Host Ports',
    remedy: 'reach it over a network that both are on (docker run --network NAME, without -p and -P)',
  },
  ({ ports }) => ports.map((port) => ({ field: port.field, asks: `publishes ${published(port)}` })),
);
