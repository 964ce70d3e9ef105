import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { EVERYTHING_RECORDED } from '../support/audit.ts';
import { docker, type Target } from '../support/docker.ts';
import { type Gateway, issueToken, startGateway } from '../support/gateway.ts';
import type { EngineFacts } from '../support/global-setup.ts';
import { buildImageOnce } from '../support/image.ts';
import { startImage } from '../support/image-gateway.ts';
import { IN_ITS_WORDS, IS_TENANCY, oneTenant } from '../support/one-tenant.ts';
import { holdAccounts } from './accounts.ts';

/** How a scenario reaches the Engine; `tenant` as one of several tenants on it; `image` through a gateway that runs as the container of deploy/docker. `direct` goes without the gateway: the control that expectations are true. */
export type Way = 'mtls' | 'jwt' | 'modern' | 'tenant' | 'image' | 'direct';

const asked = process.env['QUAYWARDEN_CLI_WAYS']?.split(',') as Way[] | undefined;

/** All ways through the gateway, or those that QUAYWARDEN_CLI_WAYS names, for someone who writes scenarios. */
export const WAYS: readonly Way[] = asked ?? ['mtls', 'jwt', 'modern', 'tenant', 'image'];

export interface OpenWay {
  readonly target: Target;
  close(): Promise<void>;
}

/** Starts a gateway for that way and tells how the CLI reaches it. */
export async function openWay(way: Way, engine: EngineFacts): Promise<OpenWay> {
  if (way === 'direct') return { target: { host: `unix://${engine.socket}` }, close: async () => {} };
  if (way === 'image') return openImage(engine);
  const isTenancy = way === 'tenant' || IS_TENANCY;
  const gateway = await startGateway(
    oneTenant(
      {
        engineSocket: engine.socket,
        config: {
          tls: { clientCertificate: way === 'jwt' ? 'optional' : 'required' },
          audit: EVERYTHING_RECORDED,
        },
      },
      isTenancy,
    ),
  );
  const close = async () => {
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    holdAccounts(
      isTenancy ? withoutAbsent(gateway) : gateway,
      way === 'jwt' ? { name: 'cli-suite', method: 'jwt' } : { name: 'admin', method: 'certificate' },
    );
  };
  if (way === 'mtls' || way === 'tenant')
    return { target: { host: gateway.host, certPath: gateway.certPath('admin') }, close };
  if (way === 'modern') {
    return {
      target: { cli: engine.clis.modern ?? '', host: gateway.host, certPath: gateway.certPath('admin') },
      close,
    };
  }
  const token = await issueToken(gateway, 'cli-suite', '--role', 'operator');
  const config = tokenConfig(`${gateway.dir}/docker-config`, token);
  const globalArgs = ['--tlsverify', '--tlscacert', `${gateway.certPath('admin')}/ca.pem`];
  return { target: { host: gateway.host, config, globalArgs }, close };
}

/** With the example's configuration, limits included. */
async function openImage(engine: EngineFacts): Promise<OpenWay> {
  const folder = mkdtempSync(`${engine.dir}/image-`);
  buildImageOnce(engine.socket, folder);
  const name = basename(folder);
  const gateway = await startImage(engine, name, folder, { audit: EVERYTHING_RECORDED });
  const close = async () => {
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    holdAccounts(gateway, { name: 'admin', method: 'certificate' });
    await docker(['rm', '-fv', name], { host: `unix://${engine.socket}` });
  };
  return { target: gateway.tls, close };
}

/** The records but for what was not there. */
function withoutAbsent(gateway: Gateway): Gateway {
  const isOther = ({ decision }: ReturnType<Gateway['auditRecords']>[number]) =>
    !IN_ITS_WORDS.includes(decision.reason);
  return { ...gateway, auditRecords: () => gateway.auditRecords().filter(isOther) };
}

/** A DOCKER_CONFIG folder whose config.json sends the token; returns the folder. */
export function tokenConfig(folder: string, token: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/config.json`,
    JSON.stringify({ HttpHeaders: { Authorization: `Bearer ${token}` } }),
    { mode: 0o600 },
  );
  return folder;
}
