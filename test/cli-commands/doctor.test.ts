import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { examine } from '../../src/cli/doctor/examine.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { checkRuntime } from '../../src/cli/doctor/runtime.ts';
import { initialise } from '../../src/cli/init/initialise.ts';
import { openAuthority } from '../../src/cli/init/pki.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createCa, createSelfSigned, serverAuth } from '../support/pki.ts';
import { freshFolder, quaywarden, start } from './command.ts';

const template = freshFolder();
beforeAll(async () => void (await initialise(template)));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const versions = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' };

async function listen(server: Server, ...where: [number, string] | [string]): Promise<void> {
  servers.push(server);
  await new Promise<void>((resolve) =>
    (server as { listen: (...args: unknown[]) => void }).listen(...where, resolve),
  );
}

/** A folder as `init` leaves it, on a free port, with an Engine behind it that tells `engine` as its versions. */
async function sound(
  change: (config: { [key: string]: unknown }) => void = () => {},
  engine: object | null = versions,
): Promise<string> {
  const dir = freshFolder();
  cpSync(template, dir, { recursive: true, preserveTimestamps: true });
  const config = parse(readFileSync(`${dir}/quaywarden.yaml`, 'utf8'));
  config.listen = '127.0.0.1:0';
  config.admin = { listen: 'off' };
  config.engine = { address: `unix://${dir}/docker.sock` };
  change(config);
  writeFileSync(`${dir}/quaywarden.yaml`, stringify(config));
  if (engine !== null) {
    await listen(
      createHttpServer((_, response) => void response.end(JSON.stringify(engine))),
      `${dir}/docker.sock`,
    );
  }
  return dir;
}

/** What is not in order. */
async function faults(dir: string): Promise<Finding[]> {
  const findings = await examine(loadConfig(`${dir}/quaywarden.yaml`, {}));
  return findings.filter(({ level }) => level !== 'ok');
}

const fail = (subject: string, sentence: unknown, advice: unknown) => ({
  level: 'fail',
  subject,
  sentence,
  advice,
});
const warn = (subject: string, sentence: unknown, advice: unknown) => ({
  level: 'warn',
  subject,
  sentence,
  advice,
});
const RENEW =
  'have it issued anew; if `quaywarden init` made it, move its folder away and run `quaywarden init` again';
const FIX_FIRST = 'the gateway does not start until this is put right';

/** A server certificate of the folder's own CA. */
async function reissue(dir: string, hosts: readonly string[], days: number): Promise<void> {
  const pem = (file: string): string => readFileSync(`${dir}/certs/ca/${file}.pem`, 'utf8');
  const ca = await openAuthority({ certificate: pem('cert'), key: pem('key') });
  const pair = await ca.issue({ subject: { commonName: 'x' }, hosts, days });
  writeFileSync(`${dir}/certs/server/cert.pem`, pair.certificate);
  writeFileSync(`${dir}/certs/server/key.pem`, pair.key);
}

it('finds nothing wrong in what init made, and names all it looked at', async () => {
  const findings = await examine(loadConfig(`${await sound()}/quaywarden.yaml`, {}));
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect([...new Set(findings.map(({ subject }) => subject))]).toEqual([
    'Node',
    'server certificate',
    'server key',
    'client CA',
    'token keys',
    'revocation',
    'policy',
    'audit log',
    'sessions',
    'control socket',
    'listen',
    'admin listener',
    'Engine',
  ]);
});

it('tells what names of their own are for', async () => {
  const tenancy = { enabled: true, names: 'private' };
  const dir = await sound((config) => {
    config['tenancy'] = tenancy;
  });
  const findings = await examine(loadConfig(`${dir}/quaywarden.yaml`, {}));
  expect(findings.filter(({ subject }) => subject === 'tenancy')).toEqual([
    {
      level: 'ok',
      subject: 'tenancy',
      sentence: expect.stringContaining('names of services, secrets and configs are shared'),
    },
  ]);
});

describe('the server certificate', () => {
  it('that has expired fails', async () => {
    const dir = await sound();
    const day = 86_400_000;
    const old = await createSelfSigned({
      san: [{ type: 'ip', value: '127.0.0.1' }],
      usages: [serverAuth],
      notBefore: new Date(Date.now() - 9 * day),
      notAfter: new Date(Date.now() - 2 * day),
    });
    writeFileSync(`${dir}/certs/server/cert.pem`, old.certificate);
    writeFileSync(`${dir}/certs/server/key.pem`, old.key);
    const date = new Date(Date.now() - 2 * day).toISOString().slice(0, 10);
    expect(await faults(dir)).toEqual([fail('server certificate', `it expired on ${date}`, RENEW)]);
  });

  it('that is not valid yet fails', async () => {
    const dir = await sound();
    const young = await createSelfSigned({
      san: [{ type: 'ip', value: '127.0.0.1' }],
      usages: [serverAuth],
      notBefore: new Date(Date.now() + 3_600_000),
    });
    writeFileSync(`${dir}/certs/server/cert.pem`, young.certificate);
    writeFileSync(`${dir}/certs/server/key.pem`, young.key);
    expect(await faults(dir)).toEqual([
      fail(
        'server certificate',
        expect.stringMatching(/^it is not valid before \d{4}-\d\d-\d\d$/),
        "check this machine's clock",
      ),
    ]);
  });

  it('that expires within 30 days warns, and one of 31 days does not', async () => {
    const dir = await sound();
    await reissue(dir, ['127.0.0.1'], 20);
    expect(await faults(dir)).toEqual([
      warn('server certificate', expect.stringMatching(/^it expires on \d{4}-\d\d-\d\d, in 19 days$/), RENEW),
    ]);
    await reissue(dir, ['127.0.0.1'], 31);
    expect(await faults(dir)).toEqual([]);
  });

  it('that does not name the address listened at fails; for all addresses, localhost is wanted', async () => {
    const dir = await sound();
    await reissue(dir, ['gw.example.org'], 100);
    const wrong = (name: string) =>
      [
        'server certificate',
        `it does not name ${name}; it names DNS:gw.example.org`,
        `move certs/server away and run \`quaywarden init --host ${name}\`, or connect by a name it has`,
      ] as const;
    expect(await faults(dir)).toEqual([fail(...wrong('127.0.0.1'))]);
    const config = readFileSync(`${dir}/quaywarden.yaml`, 'utf8');
    writeFileSync(`${dir}/quaywarden.yaml`, config.replace('127.0.0.1:0', '0.0.0.0:0'));
    expect(await faults(dir)).toEqual([warn(...wrong('localhost'))]);
  });

  it('without any name, or for clients, fails', async () => {
    const dir = await sound();
    const notAfter = new Date(Date.now() + 90 * 86_400_000);
    const pair = await createSelfSigned({ cn: 'localhost', notAfter });
    writeFileSync(`${dir}/certs/server/cert.pem`, pair.certificate);
    writeFileSync(`${dir}/certs/server/key.pem`, pair.key);
    expect(await faults(dir)).toEqual([
      fail('server certificate', 'it has no subjectAltName, and clients look at no other name', RENEW),
      fail('server certificate', 'it is not for servers: its extendedKeyUsage lacks serverAuth', RENEW),
    ]);
  });

  it('in a chain of the wrong order fails', async () => {
    const dir = await sound();
    const stranger = await createCa();
    const file = `${dir}/certs/server/cert.pem`;
    writeFileSync(file, readFileSync(file, 'utf8') + readFileSync(`${dir}/certs/ca/cert.pem`, 'utf8'));
    expect(await faults(dir)).toEqual([]);
    writeFileSync(file, readFileSync(file, 'utf8') + stranger.certificate);
    expect(await faults(dir)).toEqual([
      fail(
        'server certificate',
        'certificate 2 of the chain was not issued by the one after it',
        "order the file: the server's certificate first, then each one's issuer",
      ),
    ]);
  });

  it('with the key of another fails', async () => {
    const dir = await sound();
    const file = `${dir}/certs/server/key.pem`;
    writeFileSync(file, readFileSync(`${dir}/certs/admin/key.pem`));
    expect(await faults(dir)).toEqual([
      fail(
        'server key',
        `${file} is the key of another certificate`,
        'name the pair that belongs together in tls.certificate and tls.key',
      ),
    ]);
    writeFileSync(file, 'nonsense');
    expect(await faults(dir)).toEqual([
      fail(
        'server key',
        `${file} is not an unencrypted private key in PEM`,
        'convert it with `openssl pkey -in FILE`',
      ),
    ]);
  });

  it('that is missing or no certificate fails', async () => {
    const dir = await sound();
    const file = `${dir}/certs/server/cert.pem`;
    rmSync(file);
    expect(await faults(dir)).toEqual([
      fail(
        'server certificate',
        `${file} can not be read (ENOENT)`,
        '`quaywarden init` makes what is missing',
      ),
    ]);
    writeFileSync(file, 'hello');
    expect(await faults(dir)).toEqual([
      fail('server certificate', `${file} holds no certificate`, 'put PEM certificates there'),
    ]);
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(await faults(dir)).toEqual([
      fail(
        'server certificate',
        `${file} holds a certificate that can not be read`,
        'look at it with `openssl x509 -in FILE -text`',
      ),
    ]);
  });
});

it('warns of secrets that others may read, each by its name', async () => {
  const dir = await sound();
  mkdirSync(`${dir}/certs/audit`);
  writeFileSync(`${dir}/certs/audit/secrets.key`, '', { mode: 0o640 });
  for (const part of ['server', 'ca', 'token']) chmodSync(`${dir}/certs/${part}/key.pem`, 0o644);
  const open = (subject: string, file: string, mode: string) =>
    warn(
      subject,
      `${dir}/${file} has mode ${mode}: others than its owner may get at it`,
      `chmod 600 ${dir}/${file}`,
    );
  expect(await faults(dir)).toEqual([
    open('server key', 'certs/server/key.pem', '0644'),
    open('CA key', 'certs/ca/key.pem', '0644'),
    open('token keys', 'certs/token/key.pem', '0644'),
    open('audit key', 'certs/audit/secrets.key', '0640'),
  ]);
});

it('fails when the client CA is no CA', async () => {
  const dir = await sound();
  writeFileSync(`${dir}/certs/ca/cert.pem`, readFileSync(`${dir}/certs/admin/cert.pem`));
  expect(await faults(dir)).toEqual([
    fail(
      'client CA',
      "O=default, OU=operator, CN=admin is no CA, so no client's chain can end at it",
      "put the issuing CA's certificate there",
    ),
  ]);
});

describe('token keys', () => {
  const issuerOf = (config: { [key: string]: unknown }) =>
    (config as { identity: { jwt: { issuers: { [key: string]: unknown }[] } } }).identity.jwt.issuers[0] ??
    {};

  it('that do not fit the pinned algorithms, or are private, fail', async () => {
    const dir = await sound((config) => Object.assign(issuerOf(config), { algorithms: ['EdDSA'] }));
    expect(await faults(dir)).toEqual([
      fail(
        'token keys',
        expect.stringContaining('certs/token/jwks.json: it holds no key for EdDSA'),
        FIX_FIRST,
      ),
    ]);
    const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(`${dir}/certs/token/jwks.json`, secret);
    expect(await faults(dir)).toEqual([
      fail('token keys', expect.stringContaining('it holds a private or symmetric key'), FIX_FIRST),
    ]);
  });

  it('behind a URL that does not answer warn; the gateway would start', async () => {
    const dir = await sound((config) =>
      Object.assign(issuerOf(config), { keys: { url: 'http://127.0.0.1:1/jwks' } }),
    );
    expect(await faults(dir)).toEqual([
      warn(
        'token keys',
        'https://quaywarden.local/dev: no keys from http://127.0.0.1:1/jwks: connect ECONNREFUSED 127.0.0.1:1',
        'its tokens are refused until the endpoint answers; check the URL, its CA (keys.ca) and the network',
      ),
    ]);
  });

  it('behind a URL that answers are counted', async () => {
    const jwks = readFileSync(`${template}/certs/token/jwks.json`);
    const server = createHttpServer((_, response) => void response.end(jwks));
    await listen(server, 0, '127.0.0.1');
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks`;
    const dir = await sound((config) => Object.assign(issuerOf(config), { keys: { url } }));
    const findings = await examine(loadConfig(`${dir}/quaywarden.yaml`, {}));
    expect(findings).toContainEqual({
      level: 'ok',
      subject: 'token keys',
      sentence: `https://quaywarden.local/dev: 1 keys at ${url}`,
    });
  });
});

it('fails for each bad line of the policy, with its number', async () => {
  const dir = await sound();
  const file = `${dir}/policies/grants.csv`;
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
  writeFileSync(
    file,
    `${readFileSync(file, 'utf8').trimEnd()}\np, role:x, **, NoSuchOperation, true, allow\nq, nonsense\n`,
  );
  const found = await faults(dir);
  expect(found.map(({ subject, level }) => `${subject} ${level}`)).toEqual(['policy fail', 'policy fail']);
  expect(found[0]?.sentence).toMatch(new RegExp(`^${file}:${lines + 1}: .*NoSuchOperation`));
  expect(found[1]?.sentence).toMatch(new RegExp(`^${file}:${lines + 2}: `));
});

describe('the audit log', () => {
  it('whose folder is a file fails', async () => {
    const dir = await sound();
    writeFileSync(`${dir}/audit`, '', { mode: 0o600 });
    expect(await faults(dir)).toEqual([
      fail('audit log', `${dir}/audit is not a folder`, 'name another place in audit.folder'),
    ]);
  });

  it('whose sinks name files that are not there, or that others may read, fails or is warned of', async () => {
    const tls = { ca: 'no.pem', certificate: 'certs/admin/cert.pem', key: 'certs/admin/key.pem' };
    const sink = { name: 'siem', type: 'syslog', address: 'tls://siem.example.org:6514', ...tls };
    const dir = await sound((config) => Object.assign(config, { audit: { sinks: [sink] } }));
    chmodSync(`${dir}/certs/admin/key.pem`, 0o644);
    expect(await faults(dir)).toEqual([
      fail(
        'audit sink siem',
        `${dir}/no.pem can not be read (ENOENT)`,
        "put it there, and let the gateway's user read it",
      ),
      warn(
        'audit sink siem',
        `${dir}/certs/admin/key.pem has mode 0644: others than its owner may get at it`,
        `chmod 600 ${dir}/certs/admin/key.pem`,
      ),
    ]);
  });
});

describe('tracing', () => {
  it('whose receiver’s CA is not there fails, and so does a file that holds none', async () => {
    const tracing = { endpoint: 'https://collector.example.org/v1/traces', ca: 'no.pem' };
    const dir = await sound((config) => Object.assign(config, { tracing }));
    expect(await faults(dir)).toEqual([
      fail(
        'tracing',
        `${dir}/no.pem can not be read (ENOENT)`,
        "put it there, and let the gateway's user read it",
      ),
    ]);
    writeFileSync(`${dir}/no.pem`, 'no certificate');
    expect(await faults(dir)).toEqual([
      fail('tracing', `${dir}/no.pem holds no certificate`, 'put PEM certificates there'),
    ]);
  });
});

describe('sessions', () => {
  it('whose folder is a file fail where they are to be recorded; a folder that others may read is warned of', async () => {
    const record = [{ for: ['*'] }];
    const dir = await sound((config) => Object.assign(config, { sessions: { record } }));
    writeFileSync(`${dir}/sessions`, '', { mode: 0o600 });
    expect(await faults(dir)).toEqual([
      fail('sessions', `${dir}/sessions is not a folder`, 'name another place in sessions.folder'),
    ]);
    rmSync(`${dir}/sessions`);
    mkdirSync(`${dir}/sessions`);
    chmodSync(`${dir}/sessions`, 0o755);
    expect(await faults(dir)).toEqual([
      warn(
        'sessions',
        `${dir}/sessions has mode 0755: others than its owner may get at it`,
        `chmod 700 ${dir}/sessions`,
      ),
    ]);
  });

  it('can not be listed and ended on a socket with too long a path, or in a folder that is not there', async () => {
    const long = `/tmp/${'x'.repeat(103)}`;
    const socket = (path: string) => sound((config) => Object.assign(config, { control: { socket: path } }));
    expect(await faults(await socket(long))).toEqual([
      fail(
        'control socket',
        `${long} has 108 bytes, and the path of a unix socket at most 107`,
        'name a shorter one in control.socket, such as /run/quaywarden.sock',
      ),
    ]);
    expect(await faults(await socket('/tmp/quaywarden-none/x.sock'))).toEqual([
      fail('control socket', '/tmp/quaywarden-none is not there', 'make that folder'),
    ]);
  });
});

describe('the admin listener', () => {
  it('whose address another program holds fails, and one that others reach is warned of', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const held = await faults(
      await sound((config) => Object.assign(config, { admin: { listen: `127.0.0.1:${port}` } })),
    );
    other.close();
    expect(held).toEqual([
      fail(
        'admin listener',
        `127.0.0.1:${port} can not be used (EADDRINUSE)`,
        'stop what listens there, name another address in admin.listen, or off',
      ),
    ]);
    const open = await faults(
      await sound((config) => Object.assign(config, { admin: { listen: '0.0.0.0:0' } })),
    );
    expect(open).toEqual([
      warn(
        'admin listener',
        '0.0.0.0:0 is reached from other machines, and asks nobody who they are',
        'listen on loopback, or see to it that only your probes reach it',
      ),
    ]);
  });
});

describe('the address to listen at', () => {
  it('that another program holds fails', async () => {
    const stranger = createServer((socket) => void socket.destroy());
    await listen(stranger, 0, '127.0.0.1');
    const { port } = stranger.address() as { port: number };
    const dir = await sound((config) => Object.assign(config, { listen: `127.0.0.1:${port}` }));
    expect(await faults(dir)).toEqual([
      fail(
        'listen',
        `another program listens at 127.0.0.1:${port}`,
        'stop it, or name another port in listen',
      ),
    ]);
  });

  it('that is none of this machine fails', async () => {
    const dir = await sound((config) => Object.assign(config, { listen: '192.0.2.1:2376' }));
    await reissue(dir, ['192.0.2.1'], 100);
    expect(await faults(dir)).toEqual([
      fail(
        'listen',
        '192.0.2.1 is no address of this machine',
        'name one of its addresses in listen, or 0.0.0.0 for all',
      ),
    ]);
  });

  it('at which the gateway runs already is in order, unless it shows another certificate', async () => {
    const dir = await sound();
    const gateway = start(['serve', '--config', `${dir}/quaywarden.yaml`]);
    const said = await gateway.said(/listening on https:\/\/127\.0\.0\.1:\d+/);
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    const config = readFileSync(`${dir}/quaywarden.yaml`, 'utf8');
    writeFileSync(`${dir}/quaywarden.yaml`, config.replace('127.0.0.1:0', `127.0.0.1:${port}`));
    const findings = await examine(loadConfig(`${dir}/quaywarden.yaml`, {}));
    await reissue(dir, ['127.0.0.1'], 100);
    const afterRenewal = await faults(dir);
    gateway.child.kill();
    await gateway.ended;
    expect(findings).toContainEqual({
      level: 'ok',
      subject: 'listen',
      sentence: `a quaywarden is serving at 127.0.0.1:${port}`,
    });
    expect(afterRenewal).toEqual([
      warn(
        'listen',
        `a quaywarden with another certificate than ${dir}/certs/server/cert.pem is serving at 127.0.0.1:${port}`,
        'start it anew if the certificate was renewed; if it is another gateway, stop it, or name another port in listen',
      ),
    ]);
  });
});

describe('the Engine', () => {
  it('that is not there fails', async () => {
    const dir = await sound(undefined, null);
    expect(await faults(dir)).toEqual([
      fail(
        'Engine',
        `there is no socket ${dir}/docker.sock`,
        'start dockerd, or name its socket in engine.address or DOCKER_SOCK',
      ),
    ]);
  });

  it('that has no API version in common with the gateway fails', async () => {
    const none = (min: string, max: string) =>
      fail(
        'Engine',
        `it speaks API ${min} to ${max}, the gateway takes 1.24 to 1.56: none in common`,
        'set api.floor and api.ceiling so that they overlap',
      );
    expect(
      await faults(await sound(undefined, { Version: '99.0', ApiVersion: '1.70', MinAPIVersion: '1.57' })),
    ).toEqual([none('1.57', '1.70')]);
    expect(
      await faults(await sound(undefined, { Version: '29.9', ApiVersion: '1.60', MinAPIVersion: '1.56' })),
    ).toEqual([]);
  });

  it('that is older than 20.10 warns', async () => {
    for (const version of ['19.03.15', '20.9.1', '1.13.1']) {
      expect(await faults(await sound(undefined, { ...versions, Version: version }))).toEqual([
        warn(
          'Engine',
          `version ${version} is older than 20.10, the oldest this gateway is tested with`,
          'upgrade the Engine',
        ),
      ]);
    }
    for (const version of ['20.10.0', '28.3.1', '20.10.24+dfsg1']) {
      expect(await faults(await sound(undefined, { ...versions, Version: version }))).toEqual([]);
    }
  });
});

it('knows which Node is too old', () => {
  expect(checkRuntime('20.19.9')).toEqual(
    fail('Node', 'version 20.19.9 is too old', 'install Node 20.20 or newer'),
  );
  expect(checkRuntime('18.99.0').level).toBe('fail');
  for (const version of ['20.20.0', '22.1.0', '24.0.0']) expect(checkRuntime(version).level).toBe('ok');
});

describe('quaywarden doctor', () => {
  it('prints a line for each finding and ends with 0 when nothing failed', async () => {
    const dir = await sound();
    chmodSync(`${dir}/certs/server/key.pem`, 0o604);
    const { code, stdout, stderr } = await quaywarden(['doctor'], { cwd: dir });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('✔ configuration       quaywarden.yaml is sound');
    const open = lines.findIndex((line) => line.startsWith('!'));
    expect(lines.slice(open, open + 2)).toEqual([
      `! server key          ${dir}/certs/server/key.pem has mode 0604: others than its owner may get at it`,
      `                      → chmod 600 ${dir}/certs/server/key.pem`,
    ]);
    expect(lines.at(-2)).toMatch(/^0 failed, 1 to look at, \d+ in order$/);
    expect(stdout).not.toContain('✘');
  });

  it('ends with 1 when a check failed, and prints JSON for machines', async () => {
    const dir = await sound(undefined, null);
    const { code, stdout } = await quaywarden(['doctor', '--config', `${dir}/quaywarden.yaml`, '--json']);
    expect(code).toBe(1);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect(ok).toBe(false);
    expect(findings.filter(({ level }) => level === 'fail')).toMatchObject([{ subject: 'Engine' }]);
    expect(findings[0]).toEqual({
      level: 'ok',
      subject: 'configuration',
      sentence: `${dir}/quaywarden.yaml is sound`,
    });
  });

  it('ends with 2 on a configuration it can not use, with all its faults', async () => {
    const dir = await sound((config) => Object.assign(config, { lisen: 1, log: { level: 'loud' } }));
    const { code, stdout } = await quaywarden(['doctor', '--json'], { cwd: dir });
    expect(code).toBe(2);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect(ok).toBe(false);
    const advice = 'the other checks need a sound configuration; see docs/configuration.md';
    expect(findings).toEqual([
      fail(
        'configuration',
        expect.stringMatching(/^quaywarden\.yaml:\d+:\d+: log\.level must be one of fatal, /),
        advice,
      ),
      fail(
        'configuration',
        expect.stringMatching(/^quaywarden\.yaml:\d+:1: lisen is not a known key; did you mean `listen`\?$/),
        advice,
      ),
    ]);
  });
});
