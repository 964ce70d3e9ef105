import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { type JWTPayload, SignJWT } from 'jose';
import { ConfigError } from '../errors.ts';
import { parseCertificate } from '../identity/certificate.ts';
import { isPrincipalName, isWord } from '../identity/names.ts';
import { collect, duration } from './arguments.ts';
import { roleNotes } from './role-notes.ts';
import { type Settings, settle } from './token/settings.ts';
import { openSigningKey } from './token/signing-key.ts';

interface Options {
  readonly name: string;
  readonly tenant: string;
  readonly role?: readonly string[];
  readonly ttl: number;
  readonly config: string;
  readonly key?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly bind?: string;
  readonly json?: true;
}

const HOUR = 3_600;
const LONG = 30 * 24 * HOUR;
const LONGEST = 366 * 24 * HOUR;

const EXAMPLES = `
Examples:
  $ TOKEN=$(quaywarden token issue --name alice --role developer)
  $ quaywarden token issue --name ci-bot --role ci --ttl 30m --json
  $ quaywarden token issue --name alice --role operator --bind certs/alice/cert.pem   # RFC 8705

Only the token goes to standard output. Exit codes: 0 done, 2 unusable input.
`;

/** `quaywarden token issue`. */
export function tokenIssueCommand(): Command {
  return new Command('issue')
    .summary('mint a token from a local key')
    .description('Mint a token from a local key, for development and scripts.')
    .requiredOption('--name <name>', 'whom the token names')
    .option('--tenant <tenant>', 'the tenant', 'default')
    .option('--role <role>', 'a role (repeatable)', collect)
    .addOption(
      new Option('--ttl <time>', 'how long it holds: 90s, 30m, 1h, 7d')
        .argParser(duration)
        .default(HOUR, '1h'),
    )
    .option('--config <file>', 'the configuration that defaults are taken from', 'quaywarden.yaml')
    .option('--key <file>', "the private key, PEM (default: key.pem beside the issuer's public keys)")
    .option('--issuer <url>', 'the issuer (default: the first with such a key)')
    .option('--audience <name>', "the audience (default: the issuer's first)")
    .option('--bind <cert>', 'make it good only on connections with this certificate, PEM')
    .option('--json', 'print token, key id, claims and expiry as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      checkNames(options);
      const settings = settle(options);
      const { key, algorithm, kid } = await openSigningKey(settings.keyFile, settings.configured);
      const claims = claimsOf(options, settings);
      for (const warning of warnings(options, claims, settings))
        process.stderr.write(`quaywarden: ${warning}\n`);
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
        .sign(key);
      const expiresAt = new Date((claims.exp ?? 0) * 1_000).toISOString();
      const printed = options.json
        ? JSON.stringify({ token, algorithm, kid, claims, expiresAt }, null, 2)
        : token;
      process.stdout.write(`${printed}\n`);
    });
}

function checkNames({ name, tenant, role = [], ttl }: Options): void {
  const faults = [
    ...(isPrincipalName(name)
      ? []
      : ['--name must be 1 to 256 visible characters without white space at its ends']),
    ...[tenant, ...role]
      .filter((word) => !isWord(word))
      .map(
        (word) =>
          `"${word}" can name neither tenant nor role: use letters, digits and ._@:+-, a letter or digit first`,
      ),
    ...(ttl > LONGEST ? ['--ttl must be at most 366d: nobody can call a token back'] : []),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Name, tenant and roles stand under the names that the issuer's configuration reads them from. */
function claimsOf(
  { name, tenant, role = [], ttl, bind }: Options,
  { issuer, audience, configured }: Settings,
): JWTPayload {
  const { claims } = configured ?? { claims: { name: 'sub', tenant: 'tenant', roles: 'roles' } };
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: issuer,
    aud: audience,
    sub: name,
    [claims.name]: name,
    [claims.tenant]: tenant,
    [claims.roles]: role,
    iat: now,
    exp: now + ttl,
    jti: randomUUID(),
    ...(bind === undefined ? {} : { cnf: { 'x5t#S256': thumbprintOf(bind) } }),
  };
}

function thumbprintOf(path: string): string {
  try {
    return createHash('sha256').update(readCertificateFile(path).raw).digest('base64url');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new ConfigError([
      `--bind ${path}: can not be read as a certificate (${code}); give a PEM certificate`,
    ]);
  }
}

/** PEM, or DER as it is: Node would look for a PEM in its midst first. */
function readCertificateFile(path: string): X509Certificate {
  const bytes = readFileSync(path);
  return bytes[0] === 0x30 ? parseCertificate(bytes) : new X509Certificate(bytes);
}

function warnings(
  { ttl, role = [] }: Options,
  claims: JWTPayload,
  { configured: issuer, grants }: Settings,
): string[] {
  const missing = (issuer?.requiredClaims ?? []).filter((claim) => !(claim in claims));
  const age = issuer?.maxTokenAgeSeconds;
  const noRoles = role.length === 0 && (issuer?.defaultRoles.length ?? 0) === 0;
  return [
    ...(ttl > LONG
      ? ['the token holds for more than 30 days and can not be called back; prefer a shorter --ttl']
      : []),
    ...(age !== undefined && ttl > age
      ? [`the gateway takes tokens of this issuer for ${age} seconds only (maxTokenAgeSeconds)`]
      : []),
    ...missing.map((claim) => `the gateway will refuse this token: its issuer requires the claim "${claim}"`),
    ...(noRoles ? ['the token has no role, so only grants to its name or tenant apply; give --role'] : []),
    ...roleNotes(grants, role),
  ];
}
