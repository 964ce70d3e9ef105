/**
 * The configuration that `init` writes: what one is likely to change, with every default beside it.
 *
 * @param tenants whether several tenants are to share the Engine
 */
export function configText(tenants: boolean): string {
  return TEMPLATE.replace('TENANCY', tenants ? 'tenancy:\n  enabled: true' : '# tenancy:\n#   enabled: true');
}

const TEMPLATE = `# Quaywarden's configuration. Every key, its default and unit: docs/configuration.md.
# File paths are relative to this file's folder. \${NAME} in a string is replaced by an environment variable.
# After a change: quaywarden doctor

# Where clients connect. To serve other machines, name an address they reach, and make the server's certificate
# with its name: quaywarden init --host NAME
listen: 127.0.0.1:2376

tls:
  certificate: certs/server/cert.pem
  key: certs/server/key.pem
  clientCa: certs/ca/cert.pem
  # required | optional (a certificate or a token) | none (tokens only)
  clientCertificate: optional
  # minVersion: "1.3"

# The Engine behind the gateway. Unset, it is the socket that DOCKER_SOCK names, or this one:
# engine:
#   address: unix:///var/run/docker.sock

identity:
  # A client certificate names its holder by CN, the tenant by O and the roles by OU.
  certificate:
    name: cn
    tenant: o
    roles: ou
  jwt:
    issuers:
      # Tokens of \`quaywarden token issue\`. Beside the JWKS lies the private key that signs them: keep it where
      # tokens are made, and take this issuer out where an identity provider issues them.
      - issuer: https://quaywarden.local/dev
        audience: [quaywarden]
        algorithms: [ES256]
        keys:
          file: certs/token/jwks.json
        defaultTenant: default

# Whether what a principal creates belongs to its tenant, and tenants are kept apart (docs/tenancy.md). The grants have to
# speak of {tenant} then: policies/tenants.csv of this package.
TENANCY

policy:
  model: policies/model.conf
  grants: policies/grants.csv
  profiles: policies/profiles.yaml
  # Whom a refused user should ask; ends every refusal by policy.
  # contact: the platform team

# The record of who did what (docs/audit.md). Its keys, certs/audit/, are made at the first start.
audit:
  folder: audit
  # What this gateway is called in its records; each one of several needs a folder of its own.
  # instance: quaywarden
  # rules:
  #   - { level: RequestResponse, operations: ["@exec"] }
  # Where it is sent to as well (docs/audit-sinks.md).
  # sinks:
  #   - { name: siem, type: syslog, address: "tls://siem.example.org:6514", ca: certs/siem-ca.pem }

# /healthz, /readyz and /metrics (docs/metrics.md), without TLS: here unless another address is named, or off
# admin:
#   listen: 127.0.0.1:9376

log:
  # fatal | error | warn | info | debug | silent; JSON lines on standard error
  level: info
`;
