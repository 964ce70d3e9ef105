import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../src/workbench/desk.ts';
import { runTests } from '../../src/workbench/run-tests.ts';
import { readTests } from '../../src/workbench/test-file.ts';
import { fileOf, MODEL, PROFILES } from './support.ts';

const doc = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');

/** The grants of a recipe. */
function recipe(heading: string): string {
  const from = doc.slice(doc.indexOf(heading));
  const [, text] = /^```\n([\s\S]*?)^```$/m.exec(from) ?? [];
  if (text === undefined) throw new Error(`no grants under ${heading}`);
  return text;
}

/** What is otherwise than these lines of a test file say. */
async function faultsOf(
  heading: string,
  tests: readonly object[],
  tenants = false,
): Promise<readonly string[]> {
  const files = { grants: fileOf(recipe(heading), 'grants.csv'), model: MODEL, profiles: PROFILES };
  const file = fileOf(JSON.stringify({ ...files, tenants, tests }), 'cookbook.test.yaml');
  const results = await runTests(readTests(file), deskConfig('quaywarden.yaml'));
  return results.flatMap(({ request, faults }) => faults.map((fault) => `${request}: ${fault}`));
}

/** A principal of that role, and what its commands are to get. */
function as(role: string, more: object = {}) {
  const who = { who: 'alice', roles: [role], ...more };
  return {
    may: (...lines: string[]) => lines.map((docker) => ({ ...who, docker, expect: 'allow' })),
    mayNot: (...lines: string[]) => lines.map((docker) => ({ ...who, docker, expect: 'deny' })),
  };
}

describe('the cookbook of docs/policies.md', () => {
  it('a read-only dashboard', async () => {
    const { may, mayNot } = as('dashboard');
    const tests = [
      ...may('docker ps -a', 'docker images', 'docker inspect web', 'docker info', 'docker version'),
      ...mayNot(
        'docker logs web',
        'docker exec web id',
        'docker stop web',
        'docker run busybox',
        'docker events',
      ),
    ];
    expect(await faultsOf('### A read-only dashboard', tests)).toEqual([]);
  });

  it('CI that builds and pushes one repository', async () => {
    const { may, mayNot } = as('ci-app');
    const build = (tag: string, dockerfile: string, expected: string) => ({
      ...{ who: 'ci', roles: ['ci-app'], docker: `docker build -t ${tag} .`, dockerfile, expect: expected },
    });
    const tests = [
      ...may('docker pull alpine:3', 'docker push registry.example.com/team/app:1'),
      build('registry.example.com/team/app:1', 'FROM alpine', 'allow'),
      build('registry.example.com/team/other:1', 'FROM alpine', 'deny'),
      build('registry.example.com/team/app:1', 'FROM evil.example.com/x', 'deny'),
      ...mayNot(
        'docker push registry.example.com/team/other:1',
        'docker run alpine',
        'docker ps',
        'docker pull evil.example.com/x',
      ),
    ];
    expect(await faultsOf('### CI that builds', tests)).toEqual([]);
  });

  it('developers on one tenant', async () => {
    const there = ['container/red/web', 'container/blue/web2', 'image/docker.io/library/busybox:latest'];
    const { may, mayNot } = as('developer', { tenant: 'red', there });
    const tests = [
      ...may('docker run busybox', 'docker stop web', 'docker exec web id', 'docker ps'),
      ...mayNot('docker stop web2', 'docker run --privileged busybox', 'docker run -v /:/host busybox'),
    ];
    expect(await faultsOf('### Developers on one tenant', tests, true)).toEqual([]);
  });

  it('on call', async () => {
    const { may, mayNot } = as('on-call');
    const tests = [
      ...may('docker restart web', 'docker logs web', 'docker stop web', 'docker ps'),
      ...mayNot('docker stop payment-1', 'docker exec web id', 'docker rm web', 'docker run busybox'),
    ];
    expect(await faultsOf('### On call', tests)).toEqual([]);
  });
});
