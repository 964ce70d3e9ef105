import { describe, expect, inject, it } from 'vitest';
import { docker } from '../support/docker.ts';
import { NOT_GRANTED, REFUSED } from './baseline-refused.ts';
import { clisOf, openDevelopers } from './developers.ts';

const engine = inject('engine');
const ASK = 'ask the operator of this gateway for a grant';

describe.each(clisOf(engine))('what the %s CLI prints to a developer', (cli) => {
  const developers = openDevelopers(engine);

  const answer = async (command: string | readonly string[], env: Record<string, string> = {}) => {
    const words = typeof command === 'string' ? command.split(' ') : command;
    const { code, stdout, stderr } = await docker(words, { ...developers.target(cli), env });
    return { code, stdout, first: firstLine(stderr) };
  };

  it.each(REFUSED)('of docker $command', async ({ command, operation, reason, said }) => {
    const { code, stdout, first } = await answer(command);
    expect(first).toBe(
      `Error response from daemon: quaywarden: dev (role developer) may not do this ${operation}: ${said}; or ${ASK} [${reason}]`,
    );
    expect([code, stdout]).toEqual([command.startsWith('run') ? 125 : 1, '']);
    const record = developers.gateway().auditRecords().at(-1);
    expect(record).toMatchObject({ stage: 'refused', decision: { effect: 'deny', reason } });
  });

  it.each(NOT_GRANTED)('of docker %s', async (command, deed) => {
    const { first } = await answer(command);
    expect(first).toBe(
      `Error response from daemon: quaywarden: dev (role developer) may not do ${deed}: no grant allows it; ${ASK} [not-granted]`,
    );
  });

  it('of a privileged run with all that goes with it: every reason at once, each with its name', async () => {
    const { first } = await answer('run --privileged --pid host --cap-add ALL -v /:/host busybox true');
    const names = [...first.matchAll(/which the profile baseline forbids \(([a-z-]+)\): /g)].map(
      ([, id]) => id,
    );
    expect(names.sort()).toEqual(['capability', 'host-namespace', 'host-path', 'privileged']);
    expect(first).toMatch(/; or ask the operator of this gateway for a grant \[[a-z-]+\]$/);
  });

  it('of masked paths that are laid open', async () => {
    const { first } = await answer('run --security-opt systempaths=unconfined busybox true');
    expect(first).toContain(
      'HostConfig.MaskedPaths changes which paths of /proc and /sys are masked, which ',
    );
    expect(first).toContain(
      'HostConfig.ReadonlyPaths changes which paths of /proc and /sys are read-only, which ',
    );
    expect(first).toMatch(/\[proc-mount\]$/);
  });

  it('of a privileged exec', async () => {
    const name = `refused-exec-${cli}`;
    await docker(['create', '--name', name, 'busybox'], { host: `unix://${engine.socket}` });
    const { first } = await answer(`exec --privileged ${name} true`);
    await docker(['rm', name], { host: `unix://${engine.socket}` });
    expect(first).toMatch(
      /may not do this ContainerExec on \S+: Privileged gives the command full access to the host, .* \(docker exec without --privileged\); or .* \[privileged\]$/,
    );
  });

  it('of a build on the network of the host, and of one by BuildKit', async () => {
    const build = (env: Record<string, string>) =>
      docker(['build', '--network', 'host', '-'], {
        ...developers.target(cli),
        env,
        input: 'FROM busybox\n',
      });
    expect((await build({ DOCKER_BUILDKIT: '0' })).stderr).toContain(
      'query networkmode joins the network namespace of the host, which the profile baseline forbids: ' +
        `leave it out (docker build without --network=host); or ${ASK} [host-namespace]`,
    );
    const opaque = await build({ DOCKER_BUILDKIT: '1' });
    expect(opaque.code).not.toBe(0);
    if (cli === 'debian')
      expect(opaque.stderr).toMatch(/use the classic builder \(DOCKER_BUILDKIT=0 docker build\)/);
  });

  it('and lets nothing of it through', () => {
    const records = developers.gateway().auditRecords();
    const through = records
      .filter(({ stage, request }) => stage !== 'refused' && request.class !== 'read')
      .map(({ request }) => request.operation);
    // `service create` asks first for the digest of its image.
    expect(new Set(through)).toEqual(new Set(['DistributionInspect']));
  });
});

/** The first line that tells of the answer, without what the CLIs put around it. */
function firstLine(stderr: string): string {
  const line = stderr.split('\n').find((text) => text.includes('Error response from daemon')) ?? stderr;
  return line.replace(/^docker: /, '').replace(/\]\.$/, ']');
}
