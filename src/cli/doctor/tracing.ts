import type { Config } from '../../config/schema.ts';
import { readCertificates, unreadable, validity } from './files.ts';
import { about, type Finding } from './finding.ts';

const SUBJECT = 'tracing';

/** Whether the receiver of spans can be known by its CA; it is not asked whether it is there. */
export function checkTracing({ tracing: { endpoint, ca } }: Config): Finding[] {
  const { ok } = about(SUBJECT);
  if (endpoint === undefined) return [];
  if (ca === undefined)
    return [ok('spans are sent; its receiver is known by the CAs of the system, if by any')];
  const missing = unreadable(SUBJECT, ca);
  if (missing.length > 0) return missing;
  const cas = readCertificates(SUBJECT, ca);
  if ('level' in cas) return [cas];
  return cas.map((each) =>
    validity(SUBJECT, each, 'put the CA there that the receiver has its certificate from'),
  );
}
