import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError } from '../../errors.ts';
import { isWord } from '../../identity/names.ts';
import { packageText } from '../../package-file.ts';
import { hasPart, type Part, planCertificates } from './certificates.ts';
import { Draft } from './draft.ts';
import {
  addedGrants,
  addedProfiles,
  addedSettings,
  addedTests,
  planPresets,
  type Setting,
} from './preset-setup.ts';
import { findPresets } from './presets.ts';
import { configText } from './template.ts';
import { planTokenKeys } from './token-keys.ts';

/** Lifetime of the certificates it issues: the longest that all platforms accept of a server. */
export const LEAF_DAYS = 825;

/** What `init` made and what it found; paths relative to `dir`. */
export interface InitReport {
  /** Absolute. */
  readonly dir: string;
  readonly made: readonly string[];
  readonly kept: readonly string[];
  /** Sentences about what was asked for and not done. */
  readonly notes: readonly string[];
}

export interface InitOptions {
  /** Further DNS names and IP addresses of the server. */
  readonly hosts?: readonly string[];
  readonly days?: number;
  /** Whether several tenants are to share the Engine. */
  readonly tenants?: boolean;
  /** Names of presets, for clients that the gateway is to serve. */
  readonly presets?: readonly string[];
  /** Where the sockets of local listeners are to lie; default: `run` in the folder. */
  readonly sockets?: string;
}

export interface ClientOptions {
  readonly name: string;
  readonly roles: readonly string[];
  readonly tenant: string;
  readonly days?: number;
}

const CONFIG = 'quaywarden.yaml';
const GRANTS = 'policies/grants.csv';
const PROFILES = 'policies/profiles.yaml';
const POLICIES = ['model.conf', 'grants.csv', 'grants.test.yaml', 'profiles.yaml'] as const;
const RESERVED = ['ca', 'server', 'token', 'audit'];
/** Upper bound of CN, O and OU (RFC 5280, appendix A.1). */
const NAME_LENGTH = 64;
const HOST = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9_-]*)(\.[A-Za-z0-9_-]+)*$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;

/**
 * Makes what a gateway needs in a folder: CA, certificates, token key, configuration and starter policies.
 * What is there stays as it is; what is missing is added.
 *
 * @throws ConfigError when something can not be completed; nothing was written then
 */
export async function initialise(dir: string, options: InitOptions = {}): Promise<InitReport> {
  const { hosts = [], days = LEAF_DAYS, tenants = false } = options;
  const presets = findPresets(options.presets ?? []);
  const wrong = hosts.filter((host) => !HOST.test(host));
  if (wrong.length > 0)
    throw new ConfigError(wrong.map((host) => `--host ${host}: neither a DNS name nor an IP address`));
  const draft = new Draft(resolve(dir));
  const notes: string[] = [];
  if (hosts.length > 0 && hasPart(draft, 'server')) {
    notes.push(
      'certs/server was kept, so --host changed nothing; move that folder away to have a certificate with those names',
    );
  }
  if (tenants && (draft.exists(CONFIG) || draft.exists(GRANTS))) {
    notes.push(
      `${CONFIG} or ${GRANTS} was kept: for tenants set tenancy.enabled to true and take the grants of policies/tenants.csv`,
    );
  }
  const setting: Setting = {
    dir: resolve(dir),
    sockets: resolve(options.sockets ?? `${dir}/run`),
    host: hosts[0],
    group: process.getgid?.() ?? 0,
  };
  notes.push(...planPresets(draft, presets, setting, { config: CONFIG, grants: GRANTS, profiles: PROFILES }));
  await planCertificates(draft, [
    server(hosts, days),
    client('admin', ['operator'], days),
    client('viewer', ['viewer'], days),
    ...presets.filter(({ reach }) => reach === 'tls').map(({ name }) => client(name, [name], days)),
  ]);
  await planTokenKeys(draft);
  planFile(draft, CONFIG, () => configText(tenants) + addedSettings(presets, setting));
  const added: Readonly<Record<string, string>> = {
    'grants.csv': addedGrants(presets),
    'profiles.yaml': addedProfiles(presets),
  };
  for (const file of POLICIES) {
    planFile(draft, `policies/${file}`, () => starterPolicy(file, tenants) + (added[file] ?? ''));
  }
  for (const preset of presets)
    planFile(draft, `policies/${preset.name}.test.yaml`, () => addedTests(preset));
  return { dir: resolve(dir), made: draft.commit(), kept: draft.kept, notes };
}

/**
 * Issues one more client certificate into `certs/<name>`, in the layout that DOCKER_CERT_PATH wants.
 *
 * @throws ConfigError when the name is taken, or the CA or its key is not there
 */
export async function issueClient(dir: string, options: ClientOptions): Promise<InitReport> {
  const { name, roles, tenant, days = LEAF_DAYS } = options;
  const faults = [
    ...[name, tenant, ...roles].filter((word) => !isWord(word) || word.length > NAME_LENGTH).map(notAName),
    ...(RESERVED.includes(name.toLowerCase())
      ? [`certs/${name} is a folder of the gateway's own; choose another name`]
      : []),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  const draft = new Draft(resolve(dir));
  if (draft.exists(`certs/${name}`)) {
    throw new ConfigError([
      `certs/${name} is there already; move it away to have a new certificate issued to ${name}`,
    ]);
  }
  if (!draft.exists('certs/ca/cert.pem')) {
    throw new ConfigError([
      `${resolve(dir)}/certs/ca/cert.pem is not there; run \`quaywarden init\` first, or name its folder with --dir`,
    ]);
  }
  await planCertificates(draft, [client(name, roles, days, tenant)]);
  return { dir: resolve(dir), made: draft.commit(), kept: [], notes: [] };
}

function server(extra: readonly string[], days: number): Part {
  const own = HOST.test(hostname()) ? [hostname()] : [];
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', ...own, ...extra])];
  return { folder: 'server', leaf: { subject: { commonName: 'quaywarden' }, hosts, days } };
}

function client(name: string, units: readonly string[], days: number, tenant = 'default'): Part {
  return { folder: name, leaf: { subject: { commonName: name, organization: tenant, units }, days } };
}

/** The starter grants that tell tenants apart, and their tests, have other names in this package. */
function starterPolicy(file: string, tenants: boolean): string {
  if (!tenants || !file.startsWith('grants.')) return packageText(`policies/${file}`);
  return packageText(`policies/${file.replace('grants', 'tenants')}`).replaceAll('tenants.csv', 'grants.csv');
}

function planFile(draft: Draft, path: string, text: () => string): void {
  if (draft.exists(path)) draft.keep(path);
  else draft.add(path, text());
}

function notAName(word: string): string {
  return `"${word}" is no name: use up to ${NAME_LENGTH} letters, digits and ._@:+-, a letter or digit first`;
}
