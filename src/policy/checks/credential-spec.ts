import { type Check, defineCheck } from './check.ts';
import { isCredentialSpec } from './words.ts';

/** Never its text: with `raw://` that is the specification itself. */
const ASKS = "takes on an account of the host's domain by a Windows credential spec";

export const credentialSpec: Check = defineCheck(
  {
    id: 'credential-spec',
    forbids: 'Windows credential specs',
    source: 'ours: a file or registry key of the host, and an account of its domain',
    remedy: 'leave it out (docker run without --security-opt credentialspec=...)',
  },
  ({ hostPaths, security: { others } }) =>
    [...others.filter(isCredentialSpec), ...hostPaths.filter(({ via }) => via === 'credential-spec')].map(
      ({ field }) => ({ field, asks: ASKS }),
    ),
);
