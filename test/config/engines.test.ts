import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { enginesOf } from '../../src/config/engines.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/errors.ts';
import { fixedFaults } from '../../src/reload/fixed.ts';

const dir = mkdtempSync('/tmp/quaywarden-engines-');
const file = `${dir}/quaywarden.yaml`;
afterAll(() => rmSync(dir, { recursive: true }));

const TLS = 'tls: {certificate: s/cert.pem, key: s/key.pem, clientCa: ca.pem}\n';

function load(text: string) {
  writeFileSync(file, `${TLS}${text}`);
  return loadConfig(file, {});
}

function faults(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fault.replace(/^.*?:\d+:\d+: /, ''));
  }
  throw new Error('the configuration was accepted');
}

const BUILD = 'address: "unix:///b.sock", hosts: [build.test]';

describe('engines', () => {
  it('are the default one, and those by name', () => {
    const config = load(
      `engines:
  build: {address: "tcp://b:2376", tls: {ca: b/ca.pem}, hosts: [build.test, "::1"], listen: "127.0.0.1:2377", onThisHost: true}
  gpu: {address: "unix:///g.sock", hosts: [gpu.test], adopted: g.csv}
listeners: [{listen: "unix:///l.sock", engine: build, principal: {name: a, tenant: t}}]
`,
    );
    expect(enginesOf(config)).toEqual([
      {
        name: 'default',
        key: 'engine',
        address: 'unix:///var/run/docker.sock',
        onThisHost: false,
        hosts: [],
        adopted: `${dir}/policies/adopted.csv`,
      },
      {
        name: 'build',
        key: 'engines.build',
        address: 'tcp://b:2376',
        tls: { ca: `${dir}/b/ca.pem` },
        hosts: ['build.test', '::1'],
        listen: '127.0.0.1:2377',
        onThisHost: true,
        adopted: `${dir}/policies/adopted-build.csv`,
      },
      {
        name: 'gpu',
        key: 'engines.gpu',
        address: 'unix:///g.sock',
        onThisHost: false,
        hosts: ['gpu.test'],
        adopted: `${dir}/g.csv`,
      },
    ]);
    expect(config.listeners[0]?.engine).toBe('build');
    expect(fixedFaults(config, load(''))).toContain(
      'engines: this can only change when the gateway is restarted; put it back, or restart',
    );
  });

  it.each([
    ['{build: {hosts: [a]}}', 'engines.build.address is missing (where it is)'],
    [
      '{build: {address: "unix:///b.sock"}}',
      'engines.build can not be reached: give it hosts, a listener of its own (listen), or name it in an entry of listeners',
    ],
    [
      `{Build: {${BUILD}}}`,
      'engines.Build: the key must be a name of lower-case letters, digits, hyphens and underscores',
    ],
    [
      `{"*": {${BUILD}}}`,
      'engines.*: the key must be a name of lower-case letters, digits, hyphens and underscores',
    ],
    [
      `{default: {${BUILD}}}`,
      'engines.default is what the Engine of the section engine is called; give this one another name',
    ],
    [
      `{container: {${BUILD}}}`,
      'engines.container is what grants call a kind of object; give the Engine another name',
    ],
    [
      `{build: {${BUILD}, host: [x]}}`,
      'engines.build.host is not a known key; did you mean `engines.build.hosts`?',
    ],
    [
      '{build: {address: "unix:///b.sock", hosts: [Build]}}',
      'engines.build.hosts[0] must be a host name or an address, in lower case and without a port',
    ],
    [
      '{build: {address: "unix:///b.sock", hosts: ["b:2376"]}}',
      'engines.build.hosts[0] must be a host name or an address, in lower case and without a port',
    ],
    [
      '{build: {address: "unix:///var/run/docker.sock", hosts: [b]}}',
      'engines.build.address is that of engine already; an Engine has one name, so give engine the hosts of both',
    ],
    [
      '{build: {address: "tcp://10.0.0.1:2375", hosts: [b]}}',
      'engines.build.address leaves this machine without TLS; give engines.build.tls, for whoever reaches that port owns the Engine',
    ],
    [`{build: {${BUILD}, tls: {ca: x}}}`, 'engines.build.tls has no meaning for a unix socket; take it out'],
    [
      '{build: {address: "tcp://b:1", hosts: [b], tls: {ca: x, key: y}}}',
      'engines.build.tls.key needs engines.build.tls.certificate beside it',
    ],
    [
      `{build: {${BUILD}}, gpu: {address: "unix:///g.sock", hosts: [build.test]}}`,
      'engines.gpu.hosts names build.test, which leads to engines.build already; one of the two must go',
    ],
    [
      '{build: {address: "unix:///b.sock", hosts: [b, b]}}',
      'engines.build.hosts names b twice; once is enough',
    ],
    [
      `{build: {${BUILD}, adopted: x.csv}, gpu: {address: "unix:///g.sock", hosts: [g], adopted: x.csv}}`,
      'engines.gpu.adopted is the file of engines.build already; what is on one Engine is not on another',
    ],
    [
      `{build: {${BUILD}, adopted: ./policies/adopted.csv}}`,
      'engines.build.adopted is the file of engine already; what is on one Engine is not on another',
    ],
    [
      `{gpu: {address: "unix:///g.sock", hosts: [g], adopted: policies/adopted-build.csv}, build: {${BUILD}}}`,
      'engines.build.adopted is the file of engines.gpu already; what is on one Engine is not on another',
    ],
    [
      `{build: {${BUILD}, listen: "127.0.0.1:2376"}}`,
      'engines.build.listen is the address of another listener; one of the two must go',
    ],
    [`{build: {${BUILD}, listen: "127.0.0.1:99999"}}`, 'engines.build.listen has a port beyond 65535'],
  ])('%s: %s', (engines, sentence) => {
    expect(faults(`engines: ${engines}\n`)).toEqual([sentence]);
  });

  it('must be there where a local listener leads', () => {
    const listener = 'listen: "unix:///l.sock", principal: {name: a, tenant: t}';
    expect(faults(`engines: {build: {${BUILD}}}\nlisteners: [{engine: biuld, ${listener}}]\n`)).toEqual([
      'listeners[0].engine names no Engine (there are default, build); did you mean build?',
    ]);
    expect(faults(`engine: {hosts: [build.test]}\nengines: {build: {${BUILD}}}\n`)).toEqual([
      'engines.build.hosts names build.test, which leads to engine already; one of the two must go',
    ]);
  });
});
