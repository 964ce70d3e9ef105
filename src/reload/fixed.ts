import type { Config } from '../config/schema.ts';

/** What a running gateway can not change: where it listens, what it stands before, and where it writes. */
const FIXED = [
  'listen',
  'listeners',
  'tls.minVersion',
  'tls.clientCertificate',
  'tls.sessionTickets',
  'engine',
  'engines',
  'policy.store',
  'policy.postgres',
  'tenancy.enabled',
  'tenancy.names',
  'audit.folder',
  'audit.instance',
  'audit.strict',
  'audit.signingKey',
  'audit.secretsKey',
  'audit.segment',
  'audit.checkpoint',
  'audit.sinks',
  'admin',
  'control',
  'workers',
  'reload',
  'limits.headerBytes',
  'spool',
  'tracing',
] as const;

/** A sentence for each key that differs and can only change at a restart. */
export function fixedFaults(before: Config, after: Config): readonly string[] {
  // As text: the configuration of a parent comes to its workers as JSON.
  const text = (config: Config, key: string): string | undefined => JSON.stringify(valueAt(config, key));
  return FIXED.filter((key) => text(before, key) !== text(after, key)).map(
    (key) => `${key}: this can only change when the gateway is restarted; put it back, or restart`,
  );
}

function valueAt(config: Config, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], config);
}
