import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import type { Target } from '../support/docker.ts';
import type { EngineFacts } from '../support/global-setup.ts';
import { HAS_OWN_NAMES } from '../support/one-tenant.ts';
import { removeNamed } from './cleanup.ts';
import { Docker } from './docker-under-test.ts';
import { type OpenWay, openWay, WAYS, type Way } from './ways.ts';

export interface ScenarioOptions {
  /** True runs it with the newer CLI as well. Leave out where the two CLIs word things differently. */
  readonly modern?: boolean;
  /** True runs it as one of several tenants as well. */
  readonly tenant?: boolean;
  readonly timeoutMs?: number;
}

type Body = (docker: Docker) => Promise<void>;
type Define = (title: string, body: Body, options?: ScenarioOptions) => void;

/**
 * Runs each scenario of a theme once for each way to the Engine: Debian's CLI over mTLS, the same with a token and
 * no certificate, and (those marked `modern`) a newer CLI over mTLS. What a scenario creates under `docker.name()`
 * is removed after it.
 */
export function scenarios(theme: string, table: (scenario: Define) => void): void {
  const engine = inject('engine');
  const defined: { title: string; body: Body; options: ScenarioOptions }[] = [];
  table((title, body, options = {}) => defined.push({ title, body, options }));
  for (const way of WAYS) {
    const isMarked = ({ options }: (typeof defined)[number]) =>
      (way !== 'modern' && way !== 'tenant') || options[way] === true;
    const chosen = defined.filter(isMarked);
    if (chosen.length === 0 || (way === 'modern' && engine.clis.modern === null)) continue;
    describe(`${theme}, ${way}`, () => {
      const site = openSite(way, engine);
      for (const { title, body, options } of chosen) {
        it(title, { timeout: options.timeoutMs ?? 60_000 }, async () => {
          const docker = site.docker();
          try {
            await body(docker);
          } finally {
            await removeNamed(engine.socket, docker.id);
          }
        });
      }
    });
  }
}

/** A gateway and a folder for the scenarios of one `describe`, opened before them and gone after them. */
function openSite(way: Way, engine: EngineFacts): { docker(): Docker } {
  const direct: Target = { host: `unix://${engine.socket}` };
  let open: OpenWay;
  let folder: string;
  beforeAll(async () => {
    mkdirSync(`${engine.dir}/cli`, { recursive: true });
    folder = mkdtempSync(`${engine.dir}/cli/${way}-`);
    open = await openWay(way, engine);
  });
  afterAll(async () => {
    await open?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    docker: () => {
      const id = `${way}-${randomBytes(4).toString('hex')}`;
      // What the tenant calls something, the Engine does not know.
      const bare = HAS_OWN_NAMES ? open.target : direct;
      return new Docker({ id, way, target: open.target, direct: bare, folder: mkdtempSync(`${folder}/s-`) });
    },
  };
}
