import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/errors.ts';

const dir = mkdtempSync('/tmp/quaywarden-config-');
const file = join(dir, 'quaywarden.yaml');
afterAll(() => rmSync(dir, { recursive: true }));

function load(sinks: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(
    file,
    `tls: {certificate: cert.pem, key: key.pem, clientCa: ca.pem}\naudit: {sinks: [${sinks}]}\n`,
  );
  return loadConfig(file, env).audit.sinks;
}

function faults(sinks: string): string[] {
  try {
    load(sinks);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fault.replace(/^.*?:\d+:\d+: /, ''));
  }
  throw new Error('the configuration was accepted');
}

describe('sinks of the audit log', () => {
  it('have defaults, files beside the configuration, and secrets from the environment', () => {
    const sinks = load(
      '{name: out, type: stdout}, {name: siem, type: syslog, address: "tls://siem.example.org:6514", ca: siem.pem},' +
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
        '{name: otel, type: otlp, format: ocsf, url: "https://otel:4318/v1/logs", headers: {authorization: "Bearer ${TOKEN}"}}',
      { TOKEN: 'planted' },
    );
    expect(sinks).toEqual([
      { name: 'out', type: 'stdout', format: 'native', begin: 'oldest' },
      {
        name: 'siem',
        type: 'syslog',
        format: 'native',
        begin: 'oldest',
        address: 'tls://siem.example.org:6514',
        facility: 13,
        maxMessageBytes: 8_192,
        closeSeconds: 30,
        ca: `${dir}/siem.pem`,
      },
      {
        name: 'otel',
        type: 'otlp',
        format: 'ocsf',
        begin: 'oldest',
        url: 'https://otel:4318/v1/logs',
        headers: { authorization: 'Bearer planted' },
        timeoutSeconds: 30,
      },
    ]);
  });

  it.each([
    ['tcp://127.0.0.1:601', 'syslog', 'address'],
    ['tcp://[::1]:601', 'syslog', 'address'],
    ['http://localhost:4318/v1/logs', 'otlp', 'url'],
  ])('need no TLS on loopback: %s', (address, type, key) => {
    expect(load(`{name: a, type: ${type}, ${key}: "${address}"}`)).toHaveLength(1);
  });

  it.each([
    ['{name: a}', ['audit.sinks[0].type is missing; it must be one of stdout, syslog, otlp']],
    [
      '{name: a, type: sislog}',
      ['audit.sinks[0].type must be one of stdout, syslog, otlp; did you mean syslog?'],
    ],
    [
      '{name: A/../b, type: stdout}',
      ['audit.sinks[0].name must be a name of small letters, digits and hyphens'],
    ],
    [
      '{name: a, type: stdout, url: "https://x"}',
      ['audit.sinks[0].url does not go with the other keys there'],
    ],
    [
      '{name: a, type: syslog}',
      ['audit.sinks[0].address is missing (the receiver; tcp:// on loopback only)'],
    ],
    [
      '{name: a, type: syslog, address: "udp://x:1"}',
      ['audit.sinks[0].address must be tls://host:port or tcp://host:port'],
    ],
    [
      '{name: a, type: syslog, address: "tls://x:70000"}',
      ['audit.sinks[0].address must name a host and a port from 1 to 65535'],
    ],
    [
      '{name: a, type: syslog, address: "tcp://siem:601"}',
      [
        'audit.sinks[0].address leaves this machine without TLS; write tls://, as everybody on the way could read and forge the log',
      ],
    ],
    [
      '{name: a, type: otlp, url: "http://otel:4318/v1/logs"}',
      [
        'audit.sinks[0].url leaves this machine without TLS; write https://, as everybody on the way could read and forge the log',
      ],
    ],
    [
      '{name: a, type: syslog, address: "tcp://127.0.0.1:601", ca: x.pem}',
      ['audit.sinks[0].ca has no meaning without TLS; take it out'],
    ],
    [
      '{name: a, type: syslog, address: "tls://x:6514", key: x.pem}',
      ['audit.sinks[0].key needs audit.sinks[0].certificate beside it'],
    ],
    [
      '{name: a, type: otlp, url: "https://u:planted@x/v1/logs"}',
      ['audit.sinks[0].url must not hold a name or password; write them as a header, from the environment'],
    ],
    [
      '{name: a, type: stdout}, {name: a, type: otlp, url: "https://x/v1/logs"}',
      ['audit.sinks[1].name stands above already; each sink has its own'],
    ],
    [
      '{name: a, type: stdout}, {name: b, type: stdout}',
      ['audit.sinks[1] is a second sink for standard output; there is one'],
    ],
  ])('are refused: %s', (sinks, sentences) => expect(faults(sinks)).toEqual(sentences));

  it('show no value of a header that can not be one', () => {
    const found = faults('{name: a, type: otlp, url: "https://x/v1/logs", headers: {a: "planted\\nb: c"}}');
    expect(found).toEqual(['audit.sinks[0].headers.a must be the value of a header, printable ASCII']);
  });
});
