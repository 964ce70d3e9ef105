import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { holdAccounts } from '../cli/accounts.ts';
import { removeNamed } from '../cli/cleanup.ts';
import { EVERYTHING_RECORDED } from '../support/audit.ts';
import { type Gateway, issueToken, startGateway } from '../support/gateway.ts';
import { IN_ITS_WORDS, IS_TENANCY, oneTenant } from '../support/one-tenant.ts';

/** How a client says who it is: by certificate, or by token and no certificate. */
export type Way = 'mtls' | 'jwt';

export const WAYS: readonly Way[] = ['mtls', 'jwt'];

/** A gateway for the tests of one client, on one way. */
export interface Site {
  readonly way: Way;
  readonly gateway: Gateway;
  /** Folder with ca.pem, cert.pem and key.pem. With `jwt` only ca.pem is meant to be used. */
  readonly certs: string;
  /** The bearer token of `jwt`. */
  readonly token: string;
  /** A folder of this site's own. */
  readonly folder: string;
  /** Part of every name of the running test. */
  readonly id: string;
  /** A name for a container, network, volume or image, removed after the test. */
  name(what: string): string;
  /** Writes files into a new folder; returns its path. */
  files(folder: string, files: Readonly<Record<string, string | Buffer>>): string;
}

export interface SiteOptions {
  /** Merged over the configuration. */
  readonly config?: object;
  /** Reason ids of refusals that the tests provoke; any other refusal fails the suite. */
  readonly refusals?: readonly string[];
  /** Whether the client is one tenant among others that may do everything within it. Default: QUAYWARDEN_TENANCY. */
  readonly tenancy?: boolean;
}

/** Opens a gateway before the tests of a `describe`, and holds its accounts after them. */
export function openSite(way: Way, options: SiteOptions = {}): () => Site {
  const engine = inject('engine');
  const suite = `${way}-${randomBytes(3).toString('hex')}`;
  const isTenancy = options.tenancy ?? IS_TENANCY;
  let test = 0;
  let site: Site | undefined;
  beforeAll(async () => {
    mkdirSync(`${engine.dir}/clients`, { recursive: true });
    const folder = mkdtempSync(`${engine.dir}/clients/${way}-`);
    const gateway = await startGateway(
      oneTenant(
        {
          engineSocket: engine.socket,
          config: {
            tls: { clientCertificate: way === 'jwt' ? 'optional' : 'required' },
            audit: EVERYTHING_RECORDED,
            ...options.config,
          },
        },
        isTenancy,
      ),
    );
    const opened: Omit<Site, 'id'> = {
      way,
      gateway,
      certs: gateway.certPath('admin'),
      token: way === 'jwt' ? await issueToken(gateway, 'client-suite', '--role', 'operator') : '',
      folder,
      name: (what) => `${what}-${suite}-${test}`,
      files: (name, files) => writeFiles(`${folder}/${test}-${name}`, files),
    };
    site = Object.defineProperty(opened, 'id', { get: () => `${suite}-${test}` }) as Site;
  });
  afterEach(async () => {
    await removeNamed(engine.socket, `${suite}-${test}`);
    test += 1;
  });
  afterAll(async () => {
    if (site === undefined) return;
    const { gateway, folder } = site;
    const { code } = await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(code, gateway.log()).toBe(0);
    const principal =
      way === 'jwt'
        ? ({ name: 'client-suite', method: 'jwt' } as const)
        : ({ name: 'admin', method: 'certificate' } as const);
    const provoked = new Set([...(options.refusals ?? []), ...(isTenancy ? IN_ITS_WORDS : [])]);
    holdAccounts(
      {
        ...gateway,
        auditRecords: () =>
          gateway
            .auditRecords()
            .filter(({ stage, decision }) => stage !== 'refused' || !provoked.has(decision.reason)),
      },
      principal,
    );
  });
  return () => {
    if (site === undefined) throw new Error('the gateway is not open yet');
    return site;
  };
}

function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    writeFileSync(`${folder}/${name}`, content);
  }
  return folder;
}
