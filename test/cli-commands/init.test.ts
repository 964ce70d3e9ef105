import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { initialise, issueClient } from '../../src/cli/init/initialise.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { readCertificate } from '../../src/identity/certificate.ts';
import { mapCertificate } from '../../src/identity/certificate-mapping.ts';
import { freshFolder, quaywarden } from './command.ts';

const ALL = [
  'certs/ca/cert.pem',
  'certs/ca/key.pem',
  'certs/server/cert.pem',
  'certs/server/key.pem',
  'certs/admin/ca.pem',
  'certs/admin/cert.pem',
  'certs/admin/key.pem',
  'certs/viewer/ca.pem',
  'certs/viewer/cert.pem',
  'certs/viewer/key.pem',
  'certs/token/key.pem',
  'certs/token/jwks.json',
  'quaywarden.yaml',
  'policies/model.conf',
  'policies/grants.csv',
  'policies/grants.test.yaml',
  'policies/profiles.yaml',
];

function digests(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(dir.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

function certificate(dir: string, part: string): X509Certificate {
  return new X509Certificate(readFileSync(`${dir}/certs/${part}/cert.pem`));
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function verify(dir: string, part: string, purpose: 'sslserver' | 'sslclient'): string {
  return openssl(
    'verify',
    '-x509_strict',
    '-purpose',
    purpose,
    '-CAfile',
    `${dir}/certs/ca/cert.pem`,
    `${dir}/certs/${part}/cert.pem`,
  );
}

/** The one fault of a call that must fail. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => {
      throw new Error('it was done');
    },
    (error: Error) => {
      expect(error.name).toBe('ConfigError');
      return error.message;
    },
  );
}

describe('quaywarden init', () => {
  it('makes everything in an empty folder and says so, keys and folders for this user alone', async () => {
    const dir = `${freshFolder()}/new/deep`;
    const { code, stdout, stderr } = await quaywarden(['init', '--dir', dir]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `Made in ${dir}:\n  ${ALL.join('\n  ')}\n\nNext: quaywarden serve --config ${dir}/quaywarden.yaml\n`,
    );
    expect(Object.keys(digests(dir)).sort()).toEqual([...ALL].sort());
    for (const file of ALL) {
      const mode = statSync(`${dir}/${file}`).mode & 0o777;
      expect([file, mode]).toEqual([file, file.endsWith('key.pem') ? 0o600 : 0o644]);
    }
    for (const folder of [
      'certs',
      'certs/ca',
      'certs/server',
      'certs/admin',
      'certs/viewer',
      'certs/token',
    ]) {
      expect([folder, statSync(`${dir}/${folder}`).mode & 0o777]).toEqual([folder, 0o700]);
    }
  });

  it('leaves every byte as it is when run again', async () => {
    const dir = freshFolder();
    await initialise(dir);
    const before = digests(dir);
    const { code, stdout } = await quaywarden(['init'], { cwd: dir });
    expect(code).toBe(0);
    expect(stdout).toContain(`Nothing was missing in ${dir}.\nKept as they were:\n`);
    for (const file of ALL) expect(stdout).toContain(`  ${file}\n`);
    expect(stdout).toContain('\nNext: quaywarden serve\n');
    expect(digests(dir)).toEqual(before);
  });

  it('answers a folder it can not write to with the file and the reason, and code 2', async () => {
    const dir = freshFolder();
    writeFileSync(`${dir}/file`, '');
    const { code, stdout, stderr } = await quaywarden(['init', '--dir', `${dir}/file`]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `quaywarden: ${dir}/file/certs/server/cert.pem: can not be looked at (ENOTDIR); see what stands in its way\n`,
    );
  });

  it.each([
    [
      ['--days', '0'],
      /^quaywarden: option '--days <n>' argument '0' is invalid\. It must be a whole number from 1 to 3650\.\n$/,
    ],
    [['--days', '1e3'], /It must be a whole number from 1 to 3650/],
    [['--role', 'viewer'], /^quaywarden: --role and --tenant need --client NAME\n$/],
    [
      ['--client', 'alice'],
      /^quaywarden: --client alice needs at least one --role, such as --role developer\n$/,
    ],
    [['--client', 'alice', '--host', 'x'], /cannot be used with option '--host/],
    [
      ['--host', 'not a host', '--host', 'a,b'],
      /^quaywarden: --host not a host: neither .*\nquaywarden: --host a,b: neither .*\n$/,
    ],
  ])('refuses %j with code 2', async (args, message) => {
    const dir = freshFolder();
    const { code, stderr } = await quaywarden(['init', ...args], { cwd: dir });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('run twice at the same moment leaves one whole and consistent set', async () => {
    const dir = freshFolder();
    const results = await Promise.all([
      quaywarden(['init'], { cwd: dir }),
      quaywarden(['init'], { cwd: dir }),
    ]);
    expect(results.map(({ code }) => code)).toContain(0);
    for (const { code } of results) expect([0, 2]).toContain(code);
    expect(Object.keys(digests(dir)).sort()).toEqual([...ALL].sort());
    expect(verify(dir, 'server', 'sslserver')).toContain(': OK');
    expect(verify(dir, 'viewer', 'sslclient')).toContain(': OK');
    expect(readFileSync(`${dir}/certs/viewer/ca.pem`, 'utf8')).toBe(
      readFileSync(`${dir}/certs/ca/cert.pem`, 'utf8'),
    );
  });
});

describe('the certificates', async () => {
  const dir = freshFolder();
  await initialise(dir, { hosts: ['gw.example.org', '192.0.2.7', 'gw.example.org'] });

  it('verify strictly with openssl, each for its own purpose only', () => {
    expect(verify(dir, 'server', 'sslserver')).toContain(': OK');
    expect(verify(dir, 'admin', 'sslclient')).toContain(': OK');
    expect(verify(dir, 'viewer', 'sslclient')).toContain(': OK');
    expect(() => verify(dir, 'server', 'sslclient')).toThrow(/unsuitable certificate purpose/);
    expect(() => verify(dir, 'admin', 'sslserver')).toThrow(/unsuitable certificate purpose/);
  });

  it('come from a CA of ten years that can sign leafs and nothing else', () => {
    const ca = certificate(dir, 'ca');
    const text = openssl('x509', '-in', `${dir}/certs/ca/cert.pem`, '-noout', '-text').replaceAll(
      /\s+/g,
      ' ',
    );
    expect(text).toContain('X509v3 Basic Constraints: critical CA:TRUE, pathlen:0');
    expect(text).toContain('X509v3 Key Usage: critical Certificate Sign, CRL Sign');
    expect(text).toContain('NIST CURVE: P-256');
    const years = (Date.parse(ca.validTo) - Date.now()) / (365.25 * 86_400_000);
    expect(years).toBeGreaterThan(9.99);
    expect(years).toBeLessThan(10.01);
  });

  it('hold for 825 days, from a few minutes ago, under random serial numbers of 127 bits', () => {
    const serials = new Set<string>();
    for (const part of ['ca', 'server', 'admin', 'viewer']) {
      const leaf = certificate(dir, part);
      expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      serials.add(leaf.serialNumber);
      expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now() - 4 * 60_000);
      if (part !== 'ca') expect(Math.round((Date.parse(leaf.validTo) - Date.now()) / 86_400_000)).toBe(825);
    }
    expect(serials.size).toBe(4);
  });

  it('name localhost, both loopback addresses, the host and what --host adds, each once', () => {
    const { subjectAltName = '' } = certificate(dir, 'server');
    expect(subjectAltName.split(', ')).toEqual([
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
      `DNS:${hostname()}`,
      'DNS:gw.example.org',
      'IP Address:192.0.2.7',
    ]);
  });

  it('carry names that the gateway maps to admin the operator and viewer the viewer', () => {
    const { identity } = configSchema.parse({ tls: { certificate: 'a', key: 'b' } });
    const party = (part: string) =>
      mapCertificate(readCertificate(certificate(dir, part)), identity.certificate);
    expect(party('admin')).toEqual({ name: 'admin', tenant: 'default', roles: ['operator'] });
    expect(party('viewer')).toEqual({ name: 'viewer', tenant: 'default', roles: ['viewer'] });
  });

  it('make a mutual TLS 1.3 connection', async () => {
    const pem = (path: string): Buffer => readFileSync(`${dir}/certs/${path}`);
    const server = createServer({
      cert: pem('server/cert.pem'),
      key: pem('server/key.pem'),
      ca: pem('ca/cert.pem'),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    });
    const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = connect({
      port,
      host: '127.0.0.1',
      ca: pem('admin/ca.pem'),
      cert: pem('admin/cert.pem'),
      key: pem('admin/key.pem'),
    });
    await new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject));
    const seen = await accepted;
    expect([client.authorized, seen.authorized]).toEqual([true, true]);
    expect(seen.getPeerCertificate().subject).toMatchObject({ CN: 'admin', O: 'default', OU: 'operator' });
    client.destroy();
    seen.destroy();
    server.close();
  });
});

describe('the token keys', () => {
  it('are a private key and its public half, with id and algorithm', async () => {
    const dir = freshFolder();
    await initialise(dir);
    const { keys } = JSON.parse(readFileSync(`${dir}/certs/token/jwks.json`, 'utf8')) as { keys: object[] };
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: expect.stringMatching(/^[\w-]{43}$/),
        x: expect.any(String),
        y: expect.any(String),
      },
    ]);
    expect(readFileSync(`${dir}/certs/token/key.pem`, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('are completed from the private key when the public half is gone', async () => {
    const dir = freshFolder();
    await initialise(dir);
    const before = digests(dir);
    rmSync(`${dir}/certs/token/jwks.json`);
    expect((await initialise(dir)).made).toEqual(['certs/token/jwks.json']);
    expect(digests(dir)).toEqual(before);
  });

  it('may lack the private half, which can be kept elsewhere', async () => {
    const dir = freshFolder();
    await initialise(dir);
    rmSync(`${dir}/certs/token/key.pem`);
    expect((await initialise(dir)).made).toEqual([]);
  });

  it('are not guessed from a file that is no such key', async () => {
    const dir = freshFolder();
    mkdirSync(`${dir}/certs/token`, { recursive: true });
    writeFileSync(`${dir}/certs/token/key.pem`, 'no key');
    expect(await faultOf(initialise(dir))).toBe(
      'certs/token/key.pem is not an unencrypted ECDSA P-256 key; put it right, or move it away to have a new one made',
    );
    expect(existsSync(`${dir}/certs/ca`)).toBe(false);
  });
});

describe('the configuration', () => {
  it('is sound, and stays so with each of its commented lines taken in', async () => {
    const dir = freshFolder();
    await initialise(dir);
    const file = `${dir}/quaywarden.yaml`;
    const config = loadConfig(file, {});
    expect(config.tls.clientCertificate).toBe('optional');
    expect(config.identity.jwt.issuers[0]).toMatchObject({
      issuer: 'https://quaywarden.local/dev',
      audience: ['quaywarden'],
      algorithms: ['ES256'],
      keys: { file: `${dir}/certs/token/jwks.json` },
    });
    for (const path of [config.tls.certificate, config.tls.clientCa ?? '', config.policy.grants]) {
      expect(existsSync(path)).toBe(true);
    }
    const text = readFileSync(file, 'utf8');
    const more = text.replaceAll(/^( *)# (engine:| {2}address: .*|minVersion: .*|contact: .*)$/gm, '$1$2');
    expect(more.split('\n').filter((line, index) => line !== text.split('\n')[index])).toHaveLength(4);
    writeFileSync(file, more);
    expect(loadConfig(file, {}).policy.contact).toBe('the platform team');
  });

  it('leaves the Engine to DOCKER_SOCK', async () => {
    const dir = freshFolder();
    await initialise(dir);
    expect(loadConfig(`${dir}/quaywarden.yaml`, { DOCKER_SOCK: '/x.sock' }).engine.address).toBe(
      'unix:///x.sock',
    );
  });
});

describe('what is there already', () => {
  it('is kept byte for byte, and certificates are issued by the CA that is there', async () => {
    const dir = freshFolder();
    await initialise(dir);
    writeFileSync(`${dir}/quaywarden.yaml`, 'mine');
    writeFileSync(`${dir}/policies/grants.csv`, 'mine too');
    rmSync(`${dir}/certs/viewer`, { recursive: true });
    const before = digests(dir);
    const report = await initialise(dir);
    expect(report.made).toEqual(['certs/viewer/ca.pem', 'certs/viewer/cert.pem', 'certs/viewer/key.pem']);
    expect([...report.kept].sort()).toEqual(ALL.filter((file) => !file.includes('viewer')).sort());
    expect(digests(dir)).toMatchObject(before);
    expect(verify(dir, 'viewer', 'sslclient')).toContain(': OK');
  });

  it('is completed when only the copy of the CA is gone', async () => {
    const dir = freshFolder();
    await initialise(dir);
    const before = digests(dir);
    rmSync(`${dir}/certs/admin/ca.pem`);
    rmSync(`${dir}/certs/ca/key.pem`);
    expect((await initialise(dir)).made).toEqual(['certs/admin/ca.pem']);
    expect(digests(dir)['certs/admin/ca.pem']).toBe(before['certs/admin/ca.pem']);
  });

  it('is not written through a link that leads nowhere', async () => {
    const dir = freshFolder();
    symlinkSync(`${dir}/elsewhere`, `${dir}/quaywarden.yaml`);
    expect((await initialise(dir)).kept).toEqual(['quaywarden.yaml']);
    expect(existsSync(`${dir}/elsewhere`)).toBe(false);
    expect(lstatSync(`${dir}/quaywarden.yaml`).isSymbolicLink()).toBe(true);
  });

  it('has --host told that it changed nothing', async () => {
    const dir = freshFolder();
    await initialise(dir);
    expect((await initialise(dir, { hosts: ['a.example'] })).notes).toEqual([
      'certs/server was kept, so --host changed nothing; move that folder away to have a certificate with those names',
    ]);
  });

  const halves: readonly [gone: readonly string[], fault: string][] = [
    [
      ['server/key.pem'],
      'certs/server/key.pem is missing beside certs/server/cert.pem; put it back, or move certs/server/cert.pem away to have a new pair issued',
    ],
    [
      ['admin/cert.pem', 'viewer/key.pem'],
      'certs/admin/cert.pem is missing beside certs/admin/key.pem; put it back, or move certs/admin/key.pem away to have a new pair issued\n' +
        'certs/viewer/key.pem is missing beside certs/viewer/cert.pem; put it back, or move certs/viewer/cert.pem away to have a new pair issued',
    ],
    [
      ['ca/cert.pem'],
      'certs/ca/cert.pem is missing beside certs/ca/key.pem; put it back, or move certs/ away to begin anew',
    ],
    [
      ['ca/cert.pem', 'ca/key.pem', 'viewer/cert.pem', 'viewer/key.pem'],
      'certs/ca is missing, but certificates that it issued are there; put it back, or move certs/ away to begin anew',
    ],
    [
      ['ca/key.pem', 'viewer/cert.pem', 'viewer/key.pem', 'server/cert.pem', 'server/key.pem'],
      'certs/ca/key.pem is missing, so certs/server, certs/viewer can not be issued; put it back for the time of this command',
    ],
  ];
  it.each(halves)(
    'without %j is an error that says what to do, and nothing is written',
    async (gone, fault) => {
      const dir = freshFolder();
      await initialise(dir);
      rmSync(`${dir}/policies`, { recursive: true });
      for (const file of gone) rmSync(`${dir}/certs/${file}`);
      const before = digests(dir);
      expect(await faultOf(initialise(dir))).toBe(fault);
      expect(digests(dir)).toEqual(before);
      expect(existsSync(`${dir}/policies`)).toBe(false);
    },
  );

  it('with a CA key of another CA is an error', async () => {
    const [dir, other] = [freshFolder(), freshFolder()];
    await Promise.all([initialise(dir), initialise(other)]);
    writeFileSync(`${dir}/certs/ca/key.pem`, readFileSync(`${other}/certs/ca/key.pem`));
    rmSync(`${dir}/certs/viewer`, { recursive: true });
    expect(await faultOf(initialise(dir))).toBe(
      'certs/ca can not sign: the key does not belong to the certificate',
    );
  });

  it('is taken back when a later file can not be written', async () => {
    const dir = freshFolder();
    symlinkSync('/nowhere/at/all', `${dir}/policies`);
    expect(await faultOf(initialise(dir))).toBe(
      `${dir}/policies/model.conf: can not be written (ENOENT); nothing was changed`,
    );
    expect(readdirSync(dir)).toEqual(['policies']);
  });
});

describe('quaywarden init --client', async () => {
  const dir = freshFolder();
  await initialise(dir);

  it('issues a certificate with that name, those roles and that tenant, in the layout of DOCKER_CERT_PATH', async () => {
    const { code, stdout } = await quaywarden([
      ...[
        'init',
        '--dir',
        dir,
        '--client',
        'alice',
        '--role',
        'developer',
        '--role',
        'ci',
        '--tenant',
        'team-a',
        '--days',
        '30',
      ],
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `Made in ${dir}:\n  certs/alice/ca.pem\n  certs/alice/cert.pem\n  certs/alice/key.pem\n\n` +
        `Next: hand the folder ${dir}/certs/alice to its holder by a safe way; its key.pem is secret.\n`,
    );
    expect(certificate(dir, 'alice').subject).toBe('O=team-a\nOU=developer\nOU=ci\nCN=alice');
    expect(Math.round((Date.parse(certificate(dir, 'alice').validTo) - Date.now()) / 86_400_000)).toBe(30);
    expect(verify(dir, 'alice', 'sslclient')).toContain(': OK');
    expect(statSync(`${dir}/certs/alice/key.pem`).mode & 0o777).toBe(0o600);
  });

  it('notes a role that the grants do not know, and issues it all the same', async () => {
    const { code, stdout } = await quaywarden([
      'init',
      '--dir',
      dir,
      '--client',
      'eve',
      '--role',
      'develper',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `  certs/eve/key.pem\nNote: ${dir}/policies/grants.csv grants nothing to the role develper; did you mean developer?\n`,
    );
    expect(certificate(dir, 'eve').subject).toBe('O=default\nOU=develper\nCN=eve');
  });

  it('issues from the folder of a CA that has no configuration', async () => {
    const authority = freshFolder();
    cpSync(`${dir}/certs/ca`, `${authority}/certs/ca`, { recursive: true });
    const { code, stdout } = await quaywarden(['init', '--dir', authority, '--client', 'eve', '--role', 'r']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('Note');
  });

  it('never outlives its CA', async () => {
    await issueClient(dir, { name: 'late', roles: ['viewer'], tenant: 'default', days: 3_650 });
    await issueClient(dir, { name: 'later', roles: ['viewer'], tenant: 'default', days: 36_500 });
    expect(certificate(dir, 'later').validTo).toBe(certificate(dir, 'ca').validTo);
  });

  it('refuses a name that is taken, reserved, or no name', async () => {
    const issue = (name: string, more: object = {}) =>
      faultOf(issueClient(dir, { name, roles: ['viewer'], tenant: 'default', ...more }));
    await issueClient(dir, { name: 'bob', roles: ['viewer'], tenant: 'default' });
    expect(await issue('bob')).toBe(
      'certs/bob is there already; move it away to have a new certificate issued to bob',
    );
    for (const name of ['ca', 'server', 'token', 'CA']) {
      expect(await issue(name)).toBe(`certs/${name} is a folder of the gateway's own; choose another name`);
    }
    for (const name of ['../x', '', '.', 'a/b', 'a b', 'x'.repeat(65), 'CN=x,OU=operator']) {
      expect(await issue(name)).toMatch(
        / is no name: use up to 64 letters, digits and \._@:\+-, a letter or digit first$/,
      );
    }
    expect(await issue('c', { roles: ['a,b'] })).toMatch(/^"a,b" is no name/);
    expect(await issue('c', { tenant: '' })).toMatch(/^"" is no name/);
    expect(existsSync(`${dir}/certs/c`)).toBe(false);
  });

  it('needs a CA', async () => {
    const empty = freshFolder();
    expect(await faultOf(issueClient(empty, { name: 'a', roles: ['viewer'], tenant: 'default' }))).toBe(
      `${empty}/certs/ca/cert.pem is not there; run \`quaywarden init\` first, or name its folder with --dir`,
    );
  });
});
