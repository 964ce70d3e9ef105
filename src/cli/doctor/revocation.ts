import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { type CrlState, openRevocation } from '../../identity/revocation/revocation.ts';
import { readTrustBundle } from '../../identity/trust-bundle.ts';
import { about, type Finding } from './finding.ts';

const { ok, warn, fail } = about('revocation');

/** The lists of what is good no more: whether each can be read or fetched, and is in date. */
export async function checkRevocation({ revocation, tls }: Config): Promise<Finding[]> {
  const { crls, ocsp, denyList } = revocation;
  if (crls.length === 0 && ocsp.mode === 'off' && denyList === undefined) {
    return [ok('not asked for: what is lost stays good until it expires')];
  }
  try {
    const clientCa = tls.clientCa === undefined ? undefined : readTrustBundle(tls.clientCa);
    const opened = await openRevocation(revocation, clientCa, { log: { warn: () => {} } });
    const state = opened.state();
    opened.close();
    return [
      ...state.crls.map(findingOf),
      ...(state.denyList === undefined
        ? []
        : [ok(`${state.denyList.name} denies ${state.denyList.entries} things`)]),
      ...(ocsp.mode === 'off' ? [] : [ok(`OCSP: ${ocsp.responder ?? 'whom a certificate names'} is asked`)]),
    ];
  } catch (error) {
    const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
    return faults.map((fault) => fail(fault, 'the gateway does not start until this is put right'));
  }
}

function findingOf({ name, issuer, nextUpdate, isStale, entries, fault }: CrlState): Finding {
  const refused = 'certificates of its CA are refused until there is a newer one; see docs/revocation.md';
  if (issuer === undefined) return warn(`${name}: no CRL: ${fault ?? 'none was found'}`, refused);
  if (isStale) return warn(`${name}: the CRL of ${issuer} is out of date since ${nextUpdate}`, refused);
  return ok(
    `${name}: the CRL of ${issuer} names ${entries} certificates, and is in date until ${nextUpdate}`,
  );
}
