import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import type { Target } from '../support/docker.ts';
import { type Gateway, quaywarden, startGateway } from '../support/gateway.ts';

/** A gateway in front of the real Engine, as `quaywarden init --preset` set it up. */
export interface PresetSite {
  readonly gateway: Gateway;
  /** Part of every name that the tests give; what carries it is removed in the end. */
  readonly id: string;
  /** A folder of this site's own. */
  readonly folder: string;
  /** Path of the socket of a preset's local listener. */
  socket(preset: string): string;
  /** How the docker CLI reaches it as the client of a preset. */
  target(preset: string): Target;
  /** What was refused so far: principal, operation, reason id. */
  refused(): string[];
}

/**
 * Sets a gateway up before the tests of a file by the real command, and starts it.
 *
 * @param edit what a user would change in the policies: their own registry, for example
 */
export function openPresets(
  presets: readonly string[],
  edit: { readonly grants?: (text: string) => string; readonly profiles?: (text: string) => string } = {},
): () => PresetSite {
  let site: PresetSite | undefined;
  beforeAll(async () => {
    const engine = inject('engine');
    const folder = mkdtempSync(`${engine.dir}/pre-`);
    await quaywarden(['init', '--dir', folder, ...presets.flatMap((name) => ['--preset', name])]);
    rewrite(`${folder}/policies/grants.csv`, edit.grants);
    rewrite(`${folder}/policies/profiles.yaml`, edit.profiles);
    const gateway = await startGateway({ engineSocket: engine.socket, dir: folder });
    const socket: PresetSite['socket'] = (preset) => `${folder}/run/${preset}/docker.sock`;
    site = {
      gateway,
      folder,
      id: folder.slice(folder.lastIndexOf('-') + 1).toLowerCase(),
      socket,
      target: (preset) =>
        readFileSync(`${folder}/quaywarden.yaml`, 'utf8').includes(socket(preset))
          ? { host: `unix://${socket(preset)}` }
          : { host: gateway.host, certPath: gateway.certPath(preset) },
      refused: () =>
        gateway
          .auditRecords()
          .filter(({ decision }) => decision.effect === 'deny')
          .map(
            ({ principal, request, decision }) =>
              `${principal?.name} ${request.operation} ${decision.reason}`,
          ),
    };
  });
  afterAll(async () => {
    if (site === undefined) return;
    const { gateway, id, folder } = site;
    const { code } = await gateway.stop();
    await removeNamed(inject('engine').socket, id);
    rmSync(folder, { recursive: true, force: true });
    expect(code, gateway.log()).toBe(0);
  });
  return () => {
    if (site === undefined) throw new Error('the gateway is not open yet');
    return site;
  };
}

/** The registry of the tests has an address and no name, which baseline forbids. */
export function withoutRegistryAddress(profiles: string): string {
  return profiles.replace('      - registry-address\n', '');
}

function rewrite(path: string, edit: (text: string) => string = (text) => text): void {
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}
