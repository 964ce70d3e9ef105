import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import type { Target } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import type { EngineFacts } from '../support/global-setup.ts';
import { holdAccounts } from './accounts.ts';
import { removeNamed } from './cleanup.ts';
import { Docker } from './docker-under-test.ts';

/** The docker CLIs that a machine may have. */
type Cli = keyof EngineFacts['clis'];

/** Configuration by which the starter's `viewer` certificate is a developer's, called dev. */
const DEVELOPER = {
  identity: { certificate: { rules: [{ match: { name: 'viewer' }, name: 'dev', roles: ['developer'] }] } },
};

/** Defines one test of what a developer does. */
export type Baseline = (title: string, body: (docker: Docker) => Promise<void>) => void;

/** The CLIs that are there. */
export function clisOf(engine: EngineFacts): readonly Cli[] {
  return engine.clis.modern === null ? ['debian'] : ['debian', 'modern'];
}

/**
 * A gateway for the tests of a `describe`, which a developer reaches by certificate with either CLI.
 *
 * @param hold what must hold of it in the end
 */
export function openDevelopers(
  engine: EngineFacts,
  hold: (gateway: Gateway) => void = () => {},
): { gateway(): Gateway; target(cli: Cli): Target } {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: engine.socket, config: DEVELOPER });
  });
  afterAll(async () => {
    await gateway?.stop();
    hold(gateway);
  });
  const target = (cli: Cli) => ({
    cli: engine.clis[cli] ?? '',
    host: gateway.host,
    certPath: gateway.certPath('viewer'),
  });
  return { gateway: () => gateway, target };
}

/** Runs each test with each CLI, and holds after them that nothing a developer did was refused. */
export function baseline(theme: string, table: (define: Baseline) => void): void {
  const engine = inject('engine');
  for (const cli of clisOf(engine)) {
    describe(`${theme}, by the ${cli} CLI`, () => {
      const developers = openDevelopers(engine, (gateway) =>
        holdAccounts(gateway, { name: 'dev', method: 'certificate' }),
      );
      let folder: string;
      beforeAll(() => {
        mkdirSync(`${engine.dir}/cli`, { recursive: true });
        folder = mkdtempSync(`${engine.dir}/cli/developer-`);
      });
      afterAll(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      table((title, body) =>
        it(title, async () => {
          const id = `${cli}-${randomBytes(4).toString('hex')}`;
          const way = cli === 'modern' ? 'modern' : 'mtls';
          const direct = { host: `unix://${engine.socket}` };
          const docker = new Docker({
            id,
            way,
            target: developers.target(cli),
            direct,
            folder: mkdtempSync(`${folder}/t-`),
          });
          try {
            await body(docker);
          } finally {
            await removeNamed(engine.socket, id);
          }
        }),
      );
    });
  }
}
