import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Gateway, type GatewayOptions, quaywarden, startGateway } from '../../support/gateway.ts';
import { OWNER } from '../engines/fixture.ts';

/** Where certificates of a server stand, and of the CA of its clients. */
export interface Certificates {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string;
}

/** What `quaywarden init --tenants` writes, and the certificates of a developer of the tenant that is measured. */
export interface Folder {
  readonly dir: string;
  /** The gateway's own, which everybody else is given too. */
  readonly certificates: Certificates;
  /** Folder of the developer's ca.pem, cert.pem and key.pem. */
  readonly developer: string;
}

/** Makes the folder that all contenders are set up from; it goes away with this process. */
export async function makeFolder(): Promise<Folder> {
  const run = mkdtempSync('/tmp/qwb-');
  process.once('exit', () => rmSync(run, { recursive: true, force: true }));
  const dir = `${run}/made`;
  await quaywarden(['init', '--dir', dir, '--tenants']);
  const { tenant, name } = OWNER;
  await quaywarden(['init', '--dir', dir, '--client', name, '--role', 'developer', '--tenant', tenant]);
  const certs = `${dir}/certs`;
  return {
    dir,
    certificates: {
      certificate: `${certs}/server/cert.pem`,
      key: `${certs}/server/key.pem`,
      clientCa: `${certs}/ca/cert.pem`,
    },
    developer: `${certs}/${name}`,
  };
}

/**
 * A gateway with everything on, in a copy of that folder: client certificates, tenancy with the starter grants of
 * policies/tenants.csv, and strict auditing.
 */
export async function startFullGateway(
  folder: Folder,
  options: Omit<GatewayOptions, 'dir'>,
): Promise<Gateway> {
  const dir = mkdtempSync(`${dirname(folder.dir)}/gateway-`);
  cpSync(folder.dir, dir, { recursive: true, preserveTimestamps: true });
  return startGateway({ ...options, dir, config: { audit: { strict: true }, ...options.config } });
}
