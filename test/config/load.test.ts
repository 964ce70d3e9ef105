import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, loadConfigToRead } from '../../src/config/load.ts';
import { ConfigError } from '../../src/errors.ts';

const dir = mkdtempSync('/tmp/quaywarden-config-');
const file = join(dir, 'quaywarden.yaml');
afterAll(() => rmSync(dir, { recursive: true }));

const tls = 'tls: {certificate: s/cert.pem, key: s/key.pem, clientCa: ca.pem}\n';

function load(text: string | Buffer, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, text);
  return loadConfig(file, env);
}

/** Faults without the folder: `3:5: sentence`. */
function faults(text: string | Buffer, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(text, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fault.replace(`${file}:`, ''));
  }
  throw new Error('the configuration was accepted');
}

describe('a good configuration', () => {
  it('is read without the gateway’s secrets by whoever only reads what it wrote', () => {
    const sink = `audit: {sinks: [{name: a, type: otlp, url: 'https://x/', headers: {Authorization: 'Bearer \${QW_NOT_SET}'}}]}\n`;
    expect(faults(tls + sink)).toEqual([expect.stringContaining('QW_NOT_SET is not set')]);
    expect(loadConfigToRead(file).audit.folder).toBe(`${dir}/audit`);
    expect(JSON.stringify(loadConfigToRead(file).audit.sinks)).toContain('Bearer QW_NOT_SET-is-not-set');
  });

  it('needs no more than the tls section and gets all defaults', () => {
    const config = load(tls);
    expect(config.listen).toBe('127.0.0.1:2376');
    expect(config.engine).toEqual({ address: 'unix:///var/run/docker.sock', onThisHost: false, hosts: [] });
    expect(config.api).toEqual({ floor: '1.24', ceiling: '1.56' });
    expect(config.tls.clientCertificate).toBe('required');
    expect(config.identity.jwt.issuers).toEqual([]);
  });

  it('has file paths resolved against its own folder, and leaves absolute ones', () => {
    const config = load(
      `${tls}identity: {jwt: {issuers: [{issuer: a, audience: [b], algorithms: [ES256], keys: {file: k.json}},` +
        ` {issuer: c, audience: [b], algorithms: [ES256], keys: {url: 'https://x/', ca: k/ca.pem}}]}}\n` +
        'policy: {model: /etc/m.conf}\nengine: {address: "tcp://engine:2376", tls: {ca: e/ca.pem, certificate: e/c.pem, key: e/k.pem}}\n',
    );
    expect(config.tls).toMatchObject({
      certificate: `${dir}/s/cert.pem`,
      key: `${dir}/s/key.pem`,
      clientCa: `${dir}/ca.pem`,
    });
    expect(config.policy).toMatchObject({ model: '/etc/m.conf', grants: `${dir}/policies/grants.csv` });
    expect(config.audit.folder).toBe(`${dir}/audit`);
    expect(config.engine).toMatchObject({
      address: 'tcp://engine:2376',
      tls: { ca: `${dir}/e/ca.pem`, certificate: `${dir}/e/c.pem`, key: `${dir}/e/k.pem` },
    });
    expect(config.identity.jwt.issuers.map(({ keys }) => keys)).toMatchObject([
      { file: `${dir}/k.json` },
      { url: 'https://x/', ca: `${dir}/k/ca.pem` },
    ]);
  });

  it('is frozen in all its depth', () => {
    const config = load(
      `${tls}identity: {jwt: {issuers: [{issuer: a, audience: [b], algorithms: [ES256], keys: {file: k}}]}}`,
    );
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      for (const inner of Object.values(value)) walk(inner);
    };
    walk(config);
    expect(() => {
      (config.api as { floor: string }).floor = '1.1';
    }).toThrow(TypeError);
  });

  it('may share a value by an alias', () => {
    const config = load(`${tls}policy: {model: &m a.conf, grants: *m}`);
    expect(config.policy.grants).toBe(`${dir}/a.conf`);
  });

  it('may have an API floor and ceiling that are the same', () => {
    expect(load(`${tls}api: {floor: "1.41", ceiling: "1.41"}`).api.floor).toBe('1.41');
  });
});

describe('environment variables', () => {
  it('are put into strings, several to a string', () => {
    const config = load(`${tls}policy:\n  model: "\${A}/\${B_2}.conf"\n`, { A: '/x', B_2: 'y' });
    expect(config.policy.model).toBe('/x/y.conf');
  });

  it('are not read again for variables of their own', () => {
    expect(load(`${tls}policy: {contact: "\${A}"}`, { A: `\${B}`, B: 'secret' }).policy.contact).toBe(
      `\${B}`,
    );
  });

  it('are left alone after a second dollar sign', () => {
    expect(load(`${tls}policy: {contact: "$\${A} and $5"}`, { A: 'x' }).policy.contact).toBe(`\${A} and $5`);
  });

  it('are not looked for in keys', () => {
    expect(faults(`${tls}"\${A}": 1`, { A: 'listen' })).toEqual([
      expect.stringContaining(`2:1: \${A} is not a known key`),
    ]);
  });

  it('that are missing are an error at their line, and the only one there', () => {
    expect(faults(`${tls}\nlog:\n  level: "\${LEVEL}"\n`)).toEqual([
      `4:10: log.level: the environment variable LEVEL is not set; set it, or write \`$\${LEVEL}\` for the text itself`,
    ]);
  });

  it('that are not closed or not named are an error', () => {
    for (const text of [`\${A`, `\${}`, `\${1A}`, `\${A-b}`]) {
      expect(faults(`${tls}policy: {contact: "${text}"}`, { A: 'x' })).toEqual([
        `2:19: policy.contact: \`\${\` must be followed by the name of an environment variable and \`}\`; write \`$\${\` for the text itself`,
      ]);
    }
  });

  it('never have their values shown by a fault', () => {
    const shown = faults(`${tls}listen: "\${S}"\nlog: {level: "\${S}"}\nengine: {address: "\${S}"}\n`, {
      S: 'hunter2',
    });
    expect(shown).toHaveLength(3);
    expect(shown.join()).not.toContain('hunter2');
  });
});

describe('DOCKER_SOCK', () => {
  it('stands in for an engine.address that is not set', () => {
    expect(load(tls, { DOCKER_SOCK: '/run/d.sock' }).engine.address).toBe('unix:///run/d.sock');
    expect(load(`${tls}engine: {}`, { DOCKER_SOCK: '/run/d.sock' }).engine.address).toBe(
      'unix:///run/d.sock',
    );
  });

  it('changes nothing where engine.address is set, or when it is empty', () => {
    const set = `${tls}engine: {address: "unix:///a.sock"}`;
    expect(load(set, { DOCKER_SOCK: '/run/d.sock' }).engine.address).toBe('unix:///a.sock');
    expect(load(tls, { DOCKER_SOCK: '' }).engine.address).toBe('unix:///var/run/docker.sock');
  });

  it('does not make an empty section good', () => {
    expect(faults(`${tls}engine:\n`, { DOCKER_SOCK: '/run/d.sock' })).toEqual([
      expect.stringMatching(/^2:\d+: engine is empty; give it a value or take the line out$/),
    ]);
  });

  it('must be an absolute path', () => {
    expect(faults(tls, { DOCKER_SOCK: 'docker.sock' })).toEqual([
      'DOCKER_SOCK in the environment must be an absolute path, such as /var/run/docker.sock',
    ]);
  });
});

describe('a file that is no configuration', () => {
  it('is named when it is not there, with what to do', () => {
    expect(() => loadConfig('/nowhere/q.yaml', {})).toThrow(
      '/nowhere/q.yaml: there is no such file; make one with `quaywarden init`, or name yours with --config',
    );
  });

  it('is named when it is a folder', () => {
    expect(() => loadConfig(dir, {})).toThrow(
      `${dir}: it can not be read (EISDIR); name a file that this user may read`,
    );
  });

  it('is refused when it is not UTF-8, or larger than a mebibyte', () => {
    expect(faults(Buffer.from([0x61, 0xff]))).toEqual([
      expect.stringMatching(/^ the file is not UTF-8 text; save it as such$/),
    ]);
    expect(faults(`#${'x'.repeat(1_048_576)}`)).toEqual([
      expect.stringMatching(/^ the file is larger than 1 MiB, so it is no configuration$/),
    ]);
  });

  it('is refused when it is empty or a list', () => {
    expect(faults('')).toEqual(['1:1: tls is missing']);
    expect(faults('- a\n')).toEqual(['1:1: the configuration must be a mapping of keys, not a list']);
  });
});

describe('YAML', () => {
  const cases: readonly [title: string, text: string, fault: string][] = [
    [
      'a duplicate key',
      `${tls}listen: a:1\nlisten: b:1\n`,
      '3:1: this key stands twice in the same mapping; keep one of them',
    ],
    ['a custom tag', `${tls}listen: !env X\n`, '2:9: Unresolved tag: !env; only plain YAML values are read'],
    [
      'a binary tag',
      `${tls}listen: !!binary aGk=\n`,
      '2:9: Unresolved tag: tag:yaml.org,2002:binary; only plain YAML values are read',
    ],
    [
      'a second document',
      `${tls}---\n${tls}`,
      '2:1: a configuration is one YAML document; take out what follows `---`',
    ],
    ['a key that is a list', `${tls}? [a]\n: b\n`, '2:3: a key must be plain text'],
    ['an unknown alias', `${tls}listen: *x\n`, '2:9: no anchor &x stands before this alias'],
    ['a merge key', `<<: {listen: "a:1"}\n${tls}`, '1:1: << is not a known key; known here: '],
  ];
  it.each(cases)('with %s is refused at its line', (_, text, fault) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(fault) ? fault : found[0]).toBe(fault);
  });

  it('of aliases that multiply ends with a fault and not with the memory', () => {
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1]'];
    for (let i = 1; i < 12; i += 1) {
      const before = String.fromCharCode(96 + i);
      const here = String.fromCharCode(97 + i);
      bomb.push(`${here}: &${here} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    const started = performance.now();
    expect(faults(bomb.join('\n')).filter((fault) => fault.includes('too large or too deep'))).toHaveLength(
      1,
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('of an alias inside its own anchor is refused', () => {
    expect(faults(`${tls}policy: &p {model: *p}`).join('\n')).toMatch(/too large or too deep|no anchor &p/);
  });

  it('that is broken is refused at its line', () => {
    expect(faults(`${tls}listen: [1,\n`)).toEqual([
      expect.stringMatching(/^3:1: not valid YAML: flow sequence/),
    ]);
  });
});

describe('keys', () => {
  const cases: readonly [text: string, fault: string][] = [
    [`${tls}lisen: a:1\n`, '2:1: lisen is not a known key; did you mean `listen`?'],
    [
      `${tls}limits:\n  bodySecond: 3\n`,
      '3:3: limits.bodySecond is not a known key; did you mean `limits.bodySeconds`?',
    ],
    [`${tls}clientCa: x\n`, '2:1: clientCa is not a known key; did you mean `tls.clientCa`?'],
    [`${tls}shutdown: {xyzzy: 1}\n`, '2:12: shutdown.xyzzy is not a known key; known here: graceSeconds'],
    [`${tls}__proto__: {a: 1}\n`, '2:1: __proto__ is not a known key; known here: '],
    ['tls: {certificate: a, clientCa: c}\n', '1:1: tls.key is missing (PEM private key of the server)'],
    [`${tls}audit:\n  # folder: x\nlog: {}\n`, '2:7: audit is empty; give it a value or take the line out'],
    [`${tls}api: {floor: 1.30}\n`, '2:14: api.floor must be text, not a number; put it in quotes'],
    [`${tls}api: {floor: "2.1"}\n`, '2:14: api.floor must be of the form 1.N, in quotes'],
    [`${tls}audit: {strict: "yes"}\n`, '2:17: audit.strict must be true or false, not text'],
    [`${tls}limits: {idleSeconds: 1.5}\n`, '2:23: limits.idleSeconds must be a whole number, not a fraction'],
    [
      `${tls}limits: {idleSeconds: "15"}\n`,
      '2:23: limits.idleSeconds must be a whole number, not text; take the quotes off',
    ],
    [`${tls}limits: {bodyBytes: 7}\n`, '2:21: limits.bodyBytes must be at least 1024'],
    [`${tls}limits: {idleSeconds: 7200}\n`, '2:23: limits.idleSeconds must be at most 3600'],
    [
      `${tls}limits: {idleSeconds: .inf}\n`,
      '2:23: limits.idleSeconds must be a whole number, not a fraction',
    ],
    [
      `${tls}log: {level: inf}\n`,
      '2:14: log.level must be one of fatal, error, warn, info, debug, silent; did you mean info?',
    ],
    [`${tls}listen: "2376"\n`, '2:9: listen must be host:port'],
    [
      `${tls}policy: {contact: "${'x'.repeat(201)}"}\n`,
      '2:19: policy.contact must have at most 200 characters',
    ],
    [`${tls}policy: {model: ""}\n`, '2:17: policy.model must not be empty'],
    [
      `${tls}tenancy: {names: private}\n`,
      '2:18: tenancy.names is for tenants that have names of their own, and tenants are not told apart: set tenancy.enabled to true',
    ],
    [
      `${tls}identity: {certificate: {rules: [{match: {}}]}}\n`,
      '2:42: identity.certificate.rules[0].match: name at least one thing to match',
    ],
  ];
  it.each(cases)('%j is refused', (text, fault) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(fault.endsWith(': ') && found[0]?.startsWith(fault) ? fault : found[0]).toBe(fault);
  });

  const issuer = (rest: string) => `${tls}identity:\n  jwt:\n    issuers:\n      - ${rest}\n`;
  const sound = 'issuer: a, audience: [b], algorithms: [ES256]';

  it('of an issuer name either a file or a URL', () => {
    const either = '5:63: identity.jwt.issuers[0].keys must hold exactly one of `file` or `url`';
    expect(faults(issuer(`{${sound}, keys: {}}`))).toEqual([either]);
    expect(faults(issuer(`{${sound}, keys: {file: a, url: "https://x"}}`))).toEqual([either]);
    expect(faults(issuer(`{${sound}, keys: {file: a, cacheSeconds: 1}}`))).toEqual([
      '5:73: identity.jwt.issuers[0].keys.cacheSeconds does not go with the other keys there',
    ]);
    expect(faults(issuer(`{${sound}, keys: {url: "ftp://x"}}`))).toEqual([
      '5:69: identity.jwt.issuers[0].keys.url must be an http or https URL',
    ]);
  });

  it('of an issuer that are missing are all told, with what they mean', () => {
    expect(faults(issuer('{issuer: a, keys: {file: x}, algorithms: [HS256]}'))).toEqual([
      '5:9: identity.jwt.issuers[0].audience is missing (`aud` must hold one of these)',
      expect.stringMatching(
        /^5:51: identity\.jwt\.issuers\[0\]\.algorithms\[0\] must be one of ES256, .*; did you mean [EPR]S256\?$/,
      ),
    ]);
    expect(faults(issuer('{issuer: a, keys: {file: x}, algorithms: [ES256], audience: []}'))).toEqual([
      '5:69: identity.jwt.issuers[0].audience must have at least one entry (`aud` must hold one of these)',
    ]);
    expect(faults(issuer('{issuer: a, keys: {file: x}, algorithms: [ES256], audience: quay}'))).toEqual([
      '5:69: identity.jwt.issuers[0].audience must be a list, not text; put it in [ ]',
    ]);
  });
});

describe('checks between keys', () => {
  const noCa = (mode: string) => `tls: {certificate: a, key: b, clientCertificate: ${mode}}\n`;
  const jwt = (keys: string) =>
    `identity: {jwt: {issuers: [{issuer: a, audience: [b], algorithms: [ES256], keys: ${keys}}]}}\n`;
  const cases: readonly [text: string, fault: string][] = [
    [`${tls}listen: 127.0.0.1:65536\n`, '2:9: listen has a port beyond 65535'],
    [
      noCa('optional'),
      '1:6: tls.clientCa is missing: with tls.clientCertificate optional it names the CAs of the clients',
    ],
    [
      noCa('none'),
      '1:50: tls.clientCertificate is none and identity.jwt.issuers is empty, so nobody could call; name an issuer or ask for certificates',
    ],
    [
      `${tls}engine: {address: "tcp://10.0.0.1:2375"}\n`,
      '2:19: engine.address leaves this machine without TLS; give engine.tls, for whoever reaches that port owns the Engine',
    ],
    [
      `${tls}engine: {address: "tcp://127.0.0.1.example.org:2375"}\n`,
      '2:19: engine.address leaves this machine without TLS; give engine.tls, for whoever reaches that port owns the Engine',
    ],
    [
      `${tls}engine: {address: "tcp://localhost:99999"}\n`,
      '2:19: engine.address must name a host and a port from 1 to 65535',
    ],
    [
      `${tls}engine: {address: "tcp://localhost:0"}\n`,
      '2:19: engine.address must name a host and a port from 1 to 65535',
    ],
    [
      `${tls}policy: {store: postgres}\n`,
      '2:17: policy.store is postgres, and policy.postgres does not say where that is',
    ],
    [
      `${tls}policy: {postgres: {host: db.example.org, passwordFile: p}}\n`,
      '2:27: policy.postgres.host leaves this machine without TLS; give policy.postgres.tls, as whoever answers there says who may do what',
    ],
    [
      `${tls}policy: {postgres: {host: "::1"}}\n`,
      '2:20: policy.postgres.passwordFile is missing: without TLS it is by the password that the gateway knows the database from another program on its port; or name the folder of its unix socket as policy.postgres.host',
    ],
    [
      `${tls}policy: {postgres: {host: /run/postgresql, tls: {ca: x}}}\n`,
      '2:49: policy.postgres.tls has no meaning for a unix socket; take it out',
    ],
    [
      `${tls}policy: {postgres: {host: db.example.org, tls: {ca: x, key: y}}}\n`,
      '2:61: policy.postgres.tls.key needs policy.postgres.tls.certificate beside it',
    ],
    [`${tls}engine: {tls: {ca: x}}\n`, '2:15: engine.tls has no meaning for a unix socket; take it out'],
    [
      `${tls}engine: {address: "tcp://h:1", tls: {ca: x, key: y}}\n`,
      '2:50: engine.tls.key needs engine.tls.certificate beside it',
    ],
    [
      `${tls}engine: {address: "tcp://h:1", tls: {ca: x, certificate: y}}\n`,
      '2:58: engine.tls.certificate needs engine.tls.key beside it',
    ],
    [`${tls}api: {floor: "1.23"}\n`, '2:14: api.floor must be at least 1.24'],
    [
      `${tls}api: {ceiling: "1.57"}\n`,
      '2:16: api.ceiling must be at most 1.56, the newest this gateway understands',
    ],
    [`${tls}api: {floor: "1.40", ceiling: "1.39"}\n`, '2:31: api.ceiling must not be below api.floor'],
    [
      `${tls}${jwt('{url: "http://idp.example.org/jwks"}')}`,
      '2:88: identity.jwt.issuers[0].keys.url must be https; plain http is for loopback only',
    ],
    [
      `${tls}identity: {certificate: {rules: [{match: {fingerprint: abcd}}]}}\n`,
      '2:56: identity.certificate.rules[0].match.fingerprint must be a SHA-256 of 64 hexadecimal digits; see `openssl x509 -fingerprint -sha256`',
    ],
  ];
  it.each(cases)('%j is refused', (text, fault) => {
    expect(faults(text)).toEqual([fault]);
  });

  it('let loopback do without TLS', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '[::1]', 'localhost']) {
      expect(load(`${tls}engine: {address: "tcp://${host}:2375"}\n`).engine.address).toBe(
        `tcp://${host}:2375`,
      );
      load(`${tls}${jwt(`{url: "http://${host}:8080/jwks"}`)}`);
    }
  });

  it('let tokens alone do, once an issuer is there', () => {
    expect(load(`${noCa('none')}${jwt('{file: k}')}`).tls.clientCa).toBeUndefined();
  });

  it('refuse an issuer that is named twice', () => {
    const twice = ['x', 'y'].map(
      (keys) => `{issuer: a, audience: [b], algorithms: [ES256], keys: {file: ${keys}}}`,
    );
    expect(faults(`${tls}identity: {jwt: {issuers: [\n  ${twice.join(',\n  ')}]}}\n`)).toEqual([
      '4:12: identity.jwt.issuers[1].issuer stands above already; merge the two',
    ]);
  });
});

it('tells all faults at once, in the order of the lines, those between keys too', () => {
  expect(
    faults(
      `lisen: x\ntls: {certificate: a, key: 3}\napi: {floor: "1.50", ceiling: "1.40"}\nlog: {level: loud}\n`,
    ),
  ).toEqual([
    '1:1: lisen is not a known key; did you mean `listen`?',
    '2:28: tls.key must be text, not a number; put it in quotes',
    '3:31: api.ceiling must not be below api.floor',
    '4:14: log.level must be one of fatal, error, warn, info, debug, silent',
  ]);
});
