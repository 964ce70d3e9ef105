import { normalizeFingerprint } from '../identity/certificate-mapping.ts';
import { type CheckFault, fault, hostOf, isLoopback, portOf, type Sections } from './checking.ts';
import type { Path } from './document.ts';
import { ENGINE_CHECKS } from './engine-checks.ts';
import { policyStoreFaults } from './policy-store.ts';

type Check = (sections: Sections) => readonly CheckFault[];

const OLDEST = 24;
const NEWEST = 56;

/** What the schema can not say about one key alone. Each looks only at sections that are sound in themselves. */
const CHECKS: readonly Check[] = [
  function quotasNeedTenants({ quotas = [], tenancy }) {
    return quotas.length > 0 && tenancy?.enabled === false
      ? [
          fault(
            ['quotas'],
            'quotas are of tenants, and tenants are not told apart: set tenancy.enabled to true',
          ),
        ]
      : [];
  },

  function ownNamesNeedTenants({ tenancy }) {
    return tenancy?.names === 'private' && !tenancy.enabled
      ? [
          fault(
            ['tenancy', 'names'],
            'tenancy.names is for tenants that have names of their own, and tenants are not told apart: set tenancy.enabled to true',
          ),
        ]
      : [];
  },

  function listenPort({ listen }) {
    return listen !== undefined && portOf(listen) > 65_535
      ? [fault(['listen'], 'listen has a port beyond 65535')]
      : [];
  },

  function localListeners({ listeners = [] }) {
    return listeners.flatMap((listener, index) => {
      const { listen, mode, allowPlaintext, hosts } = listener;
      const at = `listeners[${index}]`;
      const path = ['listeners', index];
      const faults: CheckFault[] = [];
      if (listeners.findIndex((other) => other.listen === listen) < index)
        faults.push(fault([...path, 'listen'], `${at}.listen stands above already; one of the two must go`));
      if (listen.startsWith('unix:')) {
        if (allowPlaintext)
          faults.push(
            fault(
              [...path, 'allowPlaintext'],
              `${at}.allowPlaintext has no meaning for a unix socket; take it out`,
            ),
          );
        if (hosts.length > 0)
          faults.push(fault([...path, 'hosts'], `${at}.hosts has no meaning for a unix socket; take it out`));
        return faults;
      }
      if (mode !== undefined)
        faults.push(fault([...path, 'mode'], `${at}.mode is for unix sockets; take it out`));
      const host = hostOf(`http://${listen}`);
      if (host === undefined || portOf(listen) > 65_535)
        faults.push(fault([...path, 'listen'], `${at}.listen must name a host and a port up to 65535`));
      else if (!allowPlaintext && !isLoopback(host))
        faults.push(
          fault(
            [...path, 'listen'],
            `${at}.listen can be reached from other machines, and whoever reaches it is its principal; name a unix socket or loopback, or set ${at}.allowPlaintext where the network is closed`,
          ),
        );
      return faults;
    });
  },

  function someoneCanCome({ tls, identity }) {
    if (tls === undefined) return [];
    if (tls.clientCertificate !== 'none') {
      return tls.clientCa === undefined
        ? [
            fault(
              ['tls'],
              `tls.clientCa is missing: with tls.clientCertificate ${tls.clientCertificate} it names the CAs of the clients`,
            ),
          ]
        : [];
    }
    return identity?.jwt.issuers.length === 0
      ? [
          fault(
            ['tls', 'clientCertificate'],
            'tls.clientCertificate is none and identity.jwt.issuers is empty, so nobody could call; name an issuer or ask for certificates',
          ),
        ]
      : [];
  },

  ...ENGINE_CHECKS,

  function policyStore({ policy }) {
    return policyStoreFaults(policy, isLoopback);
  },

  function versionRange({ api }) {
    if (api === undefined) return [];
    const faults: CheckFault[] = [];
    if (minor(api.floor) < OLDEST)
      faults.push(fault(['api', 'floor'], `api.floor must be at least 1.${OLDEST}`));
    if (minor(api.ceiling) > NEWEST) {
      faults.push(
        fault(
          ['api', 'ceiling'],
          `api.ceiling must be at most 1.${NEWEST}, the newest this gateway understands`,
        ),
      );
    }
    if (minor(api.ceiling) < minor(api.floor))
      faults.push(fault(['api', 'ceiling'], 'api.ceiling must not be below api.floor'));
    return faults;
  },

  function issuersApart({ identity }) {
    const issuers = identity?.jwt.issuers ?? [];
    return issuers.flatMap(({ issuer }, index) =>
      issuers.findIndex((other) => other.issuer === issuer) < index
        ? [
            fault(
              [...issuerPath(index), 'issuer'],
              `identity.jwt.issuers[${index}].issuer stands above already; merge the two`,
            ),
          ]
        : [],
    );
  },

  function keysOverTls({ identity }) {
    return (identity?.jwt.issuers ?? []).flatMap(({ keys }, index) => {
      if (!('url' in keys) || !keys.url.startsWith('http:') || isLoopback(hostOf(keys.url) ?? '')) return [];
      const path = [...issuerPath(index), 'keys', 'url'];
      return [
        fault(path, `identity.jwt.issuers[${index}].keys.url must be https; plain http is for loopback only`),
      ];
    });
  },

  function revocationNeedsCertificates({ tls, revocation }) {
    if (tls === undefined || revocation === undefined || tls.clientCertificate !== 'none') return [];
    const key = revocation.crls.length > 0 ? 'crls' : revocation.ocsp.mode === 'off' ? undefined : 'ocsp';
    return key === undefined
      ? []
      : [
          fault(
            ['revocation', key],
            `revocation.${key} is about client certificates, and none are asked for (tls.clientCertificate is none); take it out`,
          ),
        ];
  },

  function respondersNamed({ revocation }) {
    const { mode, responder, useCertificate } = revocation?.ocsp ?? {};
    return mode === undefined || mode === 'off' || responder !== undefined || useCertificate === true
      ? []
      : [
          fault(
            ['revocation', 'ocsp'],
            'revocation.ocsp.responder is missing: name whom to ask, or set revocation.ocsp.useCertificate to true',
          ),
        ];
  },

  function fingerprints({ identity }) {
    return (identity?.certificate.rules ?? []).flatMap(({ match }, index) =>
      match.fingerprint === undefined || normalizeFingerprint(match.fingerprint) !== undefined
        ? []
        : [
            fault(
              ['identity', 'certificate', 'rules', index, 'match', 'fingerprint'],
              `identity.certificate.rules[${index}].match.fingerprint must be a SHA-256 of 64 hexadecimal digits; see \`openssl x509 -fingerprint -sha256\``,
            ),
          ],
    );
  },

  function sinksApart({ audit }) {
    const sinks = audit?.sinks ?? [];
    return sinks.flatMap(({ name }, index) =>
      sinks.findIndex((other) => other.name === name) < index
        ? [
            fault(
              [...sinkPath(index), 'name'],
              `audit.sinks[${index}].name stands above already; each sink has its own`,
            ),
          ]
        : [],
    );
  },

  function oneStandardOutput({ audit }) {
    const sinks = audit?.sinks ?? [];
    return sinks.flatMap(({ type }, index) =>
      type === 'stdout' && sinks.findIndex((other) => other.type === type) < index
        ? [fault(sinkPath(index), `audit.sinks[${index}] is a second sink for standard output; there is one`)]
        : [],
    );
  },

  function sinkAddresses({ audit }) {
    return (audit?.sinks ?? []).flatMap((sink, index) => {
      if (sink.type === 'stdout') return [];
      const key = sink.type === 'syslog' ? 'address' : 'url';
      const url = sink.type === 'syslog' ? sink.address.replace(/^t(cp|ls):/, 'http:') : sink.url;
      const at = `audit.sinks[${index}]`;
      const host = hostOf(url);
      const isPlain = sink.type === 'syslog' ? sink.address.startsWith('tcp:') : sink.url.startsWith('http:');
      if (host === undefined || (sink.type === 'syslog' && !isPort(portOf(sink.address)))) {
        return [fault([...sinkPath(index), key], `${at}.${key} must name a host and a port from 1 to 65535`)];
      }
      const faults: CheckFault[] = [];
      if (hasUserinfo(url)) {
        faults.push(
          fault(
            [...sinkPath(index), key],
            `${at}.${key} must not hold a name or password; write them as a header, from the environment`,
          ),
        );
      }
      if (isPlain && !isLoopback(host)) {
        const better = sink.type === 'syslog' ? 'tls://' : 'https://';
        faults.push(
          fault(
            [...sinkPath(index), key],
            `${at}.${key} leaves this machine without TLS; write ${better}, as everybody on the way could read and forge the log`,
          ),
        );
      }
      const files = (['ca', 'certificate', 'key', 'serverName'] as const).filter((name) => name in sink);
      if (isPlain && files.length > 0) {
        faults.push(
          fault(
            [...sinkPath(index), files[0] ?? ''],
            `${at}.${files[0]} has no meaning without TLS; take it out`,
          ),
        );
      }
      if ((sink.certificate === undefined) !== (sink.key === undefined)) {
        const [there, missing] = sink.key === undefined ? ['certificate', 'key'] : ['key', 'certificate'];
        faults.push(fault([...sinkPath(index), there], `${at}.${there} needs ${at}.${missing} beside it`));
      }
      return faults;
    });
  },

  function tracingEndpoint({ tracing }) {
    if (tracing === undefined) return [];
    const { endpoint, ca } = tracing;
    if (endpoint === undefined) return [];
    const path = ['tracing', 'endpoint'];
    const host = hostOf(endpoint);
    if (host === undefined) return [fault(path, 'tracing.endpoint must name a host')];
    const faults: CheckFault[] = [];
    if (hasUserinfo(endpoint)) {
      faults.push(
        fault(
          path,
          'tracing.endpoint must not hold a name or password; write them as a header, from the environment',
        ),
      );
    }
    if (endpoint.startsWith('http:') && !isLoopback(host)) {
      faults.push(
        fault(
          path,
          'tracing.endpoint leaves this machine without TLS; write https://, as spans tell who did what',
        ),
      );
    }
    if (endpoint.startsWith('http:') && ca !== undefined)
      faults.push(fault(['tracing', 'ca'], 'tracing.ca has no meaning without TLS; take it out'));
    return faults;
  },
];

/** Runs all checks on what is known of the configuration. */
export function crossCheck(sections: Sections): CheckFault[] {
  return CHECKS.flatMap((check) => check(sections));
}

function issuerPath(index: number): Path {
  return ['identity', 'jwt', 'issuers', index];
}

function sinkPath(index: number): Path {
  return ['audit', 'sinks', index];
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function minor(version: string): number {
  return Number(version.slice('1.'.length));
}

function hasUserinfo(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}
