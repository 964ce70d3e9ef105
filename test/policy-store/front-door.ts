import { mkdirSync, writeFileSync } from 'node:fs';
import { adminOf } from '../observe/scrape.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { type Gateway, quaywarden } from '../support/gateway.ts';
import type { Cluster, Role } from './cluster.ts';

export const LIST = 'GET /v1.41/containers/json HTTP/1.1\r\nHost: d\r\n\r\n';
export const PING = 'GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n';
export const MAY_PING = 'p, user:alice, engine, SystemPing, true, allow';
export const MAY_LIST = 'p, user:alice, container/**, ContainerList, true, allow';
export const PROFILES = 'profiles:\n  privileged:\n    checks: []\n';

/** The section `policy` of a gateway on a cluster. */
export function policyOn(cluster: Cluster, more: object = {}): object {
  return {
    store: 'postgres',
    postgres: {
      host: '127.0.0.1',
      port: cluster.port,
      passwordFile: cluster.passwordFile('quaywarden'),
      ...more,
    },
  };
}

/** A gateway whose policy is in the database. */
export function openOn(cluster: Cluster, config: object = {}, postgres: object = {}): Promise<FrontDoor> {
  return openFrontDoor({
    config: {
      admin: { listen: '127.0.0.1:0' },
      // Files that change are looked at so seldom that nothing here is due to them.
      reload: { watchSeconds: 3_600 },
      policy: policyOn(cluster, postgres),
      ...config,
    },
  });
}

export interface StoreReadiness {
  readonly policyVersion: string;
  readonly policyStore: { connected: boolean; version: number; reason?: string; cacheFault?: string };
  readonly reload?: { outcome: string; cause: string; faults: string[] };
}

export async function readyz(gateway: Gateway): Promise<{ status: number; body: StoreReadiness }> {
  const answer = await fetch(`${adminOf(gateway)}/readyz`);
  return { status: answer.status, body: (await answer.json()) as StoreReadiness };
}

/** Writes a folder with a policy. */
export function policyFolder(folder: string, grants: string, profiles = PROFILES): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/grants.csv`, grants);
  writeFileSync(`${folder}/profiles.yaml`, profiles);
  return folder;
}

/** How a command ended. */
export interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command, whatever becomes of it. */
export function run(args: readonly string[]): Promise<Exit> {
  return quaywarden(args).then(
    (said) => ({ code: 0, ...said }),
    ({ code, stdout, stderr }: Exit) => ({ code, stdout, stderr }),
  );
}

/** Runs `quaywarden policy` as a role of the cluster. */
export function policy(cluster: Cluster, config: string, args: readonly string[], as?: Role): Promise<Exit> {
  const role = as === undefined ? [] : ['--user', as, '--password-file', cluster.passwordFile(as)];
  return run(['policy', ...args, '--config', config, ...role]);
}

/** A configuration file for commands, without a gateway. */
export function writeConfig(folder: string, cluster: Cluster): string {
  const path = `${folder}/quaywarden.yaml`;
  const section = policyOn(cluster);
  const model = new URL('../../policies/model.conf', import.meta.url).pathname;
  const content = { tls: { certificate: 'a', key: 'b', clientCa: 'c' }, policy: { ...section, model } };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(content));
  return path;
}
