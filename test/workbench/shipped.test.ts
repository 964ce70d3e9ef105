import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../src/workbench/desk.ts';
import { runTests } from '../../src/workbench/run-tests.ts';
import { readTests } from '../../src/workbench/test-file.ts';
import { dir } from '../policy/support.ts';

const POLICIES = new URL('../../policies/', import.meta.url).pathname;

async function faults(file: string): Promise<readonly (readonly string[])[]> {
  return (await runTests(readTests(file), deskConfig('quaywarden.yaml'))).map((each) => each.faults);
}

/** The faults of one test in a file of its own. */
async function one(test: string): Promise<readonly string[]> {
  const file = `${dir}/one.test.yaml`;
  const files = ['grants.csv', 'profiles.yaml', 'model.conf'].map(
    (name) => `${name.split('.')[0]}: ${POLICIES}${name}`,
  );
  writeFileSync(file, `${files.join('\n')}\ntests:\n  - ${test}\n`);
  return (await faults(file))[0] ?? [];
}

describe('policy test', () => {
  it.each(['grants', 'tenants'])('passes the tests of the shipped %s.csv', async (name) => {
    const all = await faults(`${POLICIES}${name}.test.yaml`);
    expect(all.length).toBeGreaterThan(10);
    expect(all.flat()).toEqual([]);
  });

  it('tells what is otherwise than expected', async () => {
    const asked = 'who: a, roles: [developer], docker: docker run --privileged busybox';
    expect(await one(`{ ${asked}, expect: deny, reason: privileged, field: HostConfig.Privileged }`)).toEqual(
      [],
    );
    expect(await one(`{ ${asked}, expect: allow }`)).toEqual(['expected allow, got deny [privileged]']);
    expect(await one(`{ ${asked}, expect: deny, reason: host-path }`)).toEqual([
      'expected the reason host-path, got privileged',
    ]);
    expect(await one(`{ ${asked}, expect: deny, field: HostConfig.Binds }`)).toEqual([
      'expected the field HostConfig.Binds, got HostConfig.Privileged',
    ]);
    expect(
      await one('{ who: a, roles: [viewer], docker: docker ps, expect: allow, grant: grants.csv:1 }'),
    ).toEqual([expect.stringMatching(/^expected the grant grants.csv:1, got grants.csv:\d+$/)]);
  });

  it.each([
    ['docker swarm init', /unknown command 'swarm'.*; write the request as raw HTTP/],
    ['docker run --gpus all busybox', /unknown option '--gpus'.*; write the request as raw HTTP/],
    ['docker run -v ./here:/x busybox', /write the whole path of the host/],
    ['docker run busybox $(id)', /a shell would make something of \$/],
    ['podman run busybox', /begins with docker/],
  ])('does not guess what %s sends', async (line, sentence) => {
    await expect(one(`{ who: a, docker: ${JSON.stringify(line)}, expect: allow }`)).rejects.toThrow(sentence);
  });

  it('names a key that is not there, with its line', () => {
    const file = `${dir}/bad.test.yaml`;
    writeFileSync(file, 'tests:\n  - who: a\n    dokcer: docker ps\n    expect: allow\n');
    expect(() => readTests(file)).toThrow(/bad\.test\.yaml:3:5: .*dokcer/);
  });
});
