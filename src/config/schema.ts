import * as z from 'zod';
import { parsePorts } from '../tenancy/quota/ports.ts';
import { engineSchema, enginesSchema } from './engine-schema.ts';
import { listenerSchema } from './listeners.ts';
import { postgresSchema } from './policy-store.ts';
import { revocationSchema } from './revocation.ts';
import { headers, sinkSchema } from './sinks.ts';
import { staplingSchema } from './stapling.ts';

/**
 * The configuration file, one strict object: an unknown key is an error with its line. What each value means
 * and its unit stands in the `describe` text, from which docs/configuration.md is checked for completeness.
 */

const file = z.string().min(1);
const seconds = (fallback: number, max = 86_400) => z.number().int().min(0).max(max).default(fallback);
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/, 'a name of letters, digits and ._@:+-');

const certificateRule = z.strictObject({
  match: z
    .strictObject({
      name: z.string().min(1).optional().describe('the name taken from the certificate'),
      uri: z.string().min(1).optional().describe('a URI SAN, e.g. spiffe://example.org/ci'),
      fingerprint: z.string().min(1).optional().describe('SHA-256 of the certificate, hex, colons optional'),
      issuer: z.string().min(1).optional().describe('CN of the issuing CA'),
    })
    .refine((m) => Object.keys(m).length > 0, 'name at least one thing to match'),
  name: name.optional().describe('the principal name to give; default: the one taken from the certificate'),
  tenant: name.optional(),
  roles: z.array(name).optional(),
});

const subject = z.string().regex(/^(\*|(user|role|tenant):.+)$/, 'user:NAME, role:NAME, tenant:NAME or *');

const registry = z
  .string()
  .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'a registry as in the full name of an image, e.g. docker.io');

const mutation = z
  .strictObject({
    for: z.array(subject).min(1).describe('whose requests are changed'),
    noNewPrivileges: z
      .boolean()
      .optional()
      .describe('add no-new-privileges to containers that do not speak of it'),
    dropCapabilities: z
      .array(z.string().regex(/^[A-Z][A-Z_]*$/, 'a capability in capitals without CAP_, or ALL'))
      .min(1)
      .optional()
      .describe('drop these from containers that do not speak of them'),
    memory: z
      .string()
      .regex(/^[1-9]\d{0,11}[bkmg]$/, 'a size such as 512m or 2g')
      .optional()
      .describe('memory of containers that ask for no limit'),
    cpus: z.number().min(0.01).max(1_024).optional().describe('CPUs of containers that ask for no limit'),
    pids: z.number().int().min(1).optional().describe('processes of containers that ask for no limit'),
    mirrors: z
      .array(
        z.strictObject({
          from: registry.describe('the registry whose images are rewritten'),
          to: z
            .string()
            .regex(/^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._/-]+)?$/, 'a registry, with a path where there is one')
            .describe('where they are found'),
        }),
      )
      .min(1)
      .optional()
      .describe('registries whose images are pulled and run from another one'),
  })
  .refine((rule) => Object.keys(rule).length > 1, 'name at least one change');

const redaction = z.strictObject({
  for: z.array(subject).min(1).describe('from whom values are hidden'),
  hide: z
    .array(z.enum(['environment', 'labels', 'command', 'hostPaths', 'logOptions']))
    .min(1)
    .describe('which values of lists, inspections and events; names of variables and labels are shown'),
});

const auditRule = z.strictObject({
  level: z
    .enum(['None', 'Metadata', 'Request', 'RequestResponse'])
    .describe('how much is recorded of what fits; refusals are recorded all the same'),
  for: z.array(subject).min(1).default(['*']).describe('whose requests'),
  operations: z.array(file).min(1).default(['*']).describe('operationIds, globs or @classes'),
  resources: z.array(file).min(1).default(['**']).describe('resources as in grants'),
});

/** Operations that open a stream into a container. */
const recordable = z.enum(['ExecStart', 'ContainerAttach', 'ContainerAttachWebsocket']);

const recordingRule = z.strictObject({
  for: z.array(subject).min(1).describe('whose sessions it is about'),
  operations: z
    .array(recordable)
    .min(1)
    .default([...recordable.options])
    .describe('which of them'),
  input: z.boolean().default(false).describe('record what is typed too, passwords included'),
  skip: z.boolean().default(false).describe('do not record these, whatever entries below say'),
});

const size = z.string().regex(/^[1-9]\d{0,11}[bkmgt]$/, 'a size such as 512m or 4g');
const pieces = z.number().int().min(0).max(1_000_000);

const tenantName = z
  .string()
  .regex(/^(\*|[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127})$/, 'the name of a tenant, or *')
  .refine((text) => !/^(user|role|tenant):/.test(text), 'the bare name of a tenant: team-a');

const quota = z
  .strictObject({
    for: z.array(tenantName).min(1).describe('whose quota it is; `*` is every tenant'),
    containers: pieces.optional().describe('containers, running or not, and replicas of services'),
    running: pieces.optional().describe('containers that run, are paused or are restarted'),
    memory: size.optional().describe('the sum of the memory limits of all containers'),
    cpus: z.number().min(0.01).max(65_536).optional().describe('the sum of the CPU limits of all containers'),
    volumes: pieces.optional().describe('volumes, those without a name included'),
    networks: pieces.optional().describe('networks'),
    ports: z
      .string()
      .refine((text) => parsePorts(text) !== undefined, 'ports such as 30000-30999, 8080 or ephemeral')
      .optional()
      .describe('ports of the host that may be published'),
    imageBytes: size.optional().describe('images under names of the tenant; when used up, nothing is pulled'),
    defaultMemory: size.optional().describe('memory of containers that ask for no limit'),
    defaultCpus: z
      .number()
      .min(0.01)
      .max(1_024)
      .optional()
      .describe('CPUs of containers that ask for no limit'),
    defaultPids: z.number().int().min(1).optional().describe('processes of containers that ask for no limit'),
  })
  .refine((rule) => Object.keys(rule).length > 1, 'name at least one limit');

/** How often and how many, of one principal or one tenant. */
const limit = {
  requestsPerSecond: z.number().min(0.1).max(1_000_000).optional().describe('requests a second'),
  burst: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('how many of them may come at once after a quiet time; default: those of two seconds'),
  concurrent: z
    .number()
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe('requests under way that do not stream'),
  streams: z
    .number()
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe('those that do: attach, exec, logs, events, builds, pulls and whatever else waits or is large'),
  bytesPerSecond: z
    .number()
    .int()
    .min(16_384)
    .max(1_000_000_000_000)
    .optional()
    .describe('bytes a second of all that streams, both directions together; more is slowed, not refused'),
};
const namesALimit = (rule: object): boolean =>
  Object.keys(rule).some((key) => key !== 'for' && key !== 'burst');
const NAME_A_LIMIT = 'name at least one of requestsPerSecond, concurrent, streams and bytesPerSecond';
const starIsLast = (rules: readonly { readonly for: readonly string[] }[]): boolean =>
  rules.slice(0, -1).every((rule) => !rule.for.includes('*'));

const principalLimit = z
  .strictObject({ for: z.array(subject).min(1).describe('whose limits these are, each by itself'), ...limit })
  .refine(namesALimit, NAME_A_LIMIT);

const tenantLimit = z
  .strictObject({
    for: z.array(tenantName).min(1).describe('the tenants whose limits these are; `*` is every tenant'),
    ...limit,
  })
  .refine(namesALimit, NAME_A_LIMIT);

const issuer = z.strictObject({
  issuer: z.string().min(1).describe('exact value of `iss`'),
  audience: z.array(z.string().min(1)).min(1).describe('`aud` must hold one of these'),
  algorithms: z
    .array(
      z.enum([
        'ES256',
        'ES384',
        'ES512',
        'EdDSA',
        'Ed25519',
        'PS256',
        'PS384',
        'PS512',
        'RS256',
        'RS384',
        'RS512',
      ]),
    )
    .min(1)
    .describe('pinned signature algorithms; symmetric ones and `none` can not be named'),
  keys: z.union([
    z.strictObject({ file: file.describe('PEM public key or certificate, or a JWKS') }),
    z.strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('JWKS endpoint; http only on loopback'),
      ca: file.optional().describe('PEM file with the CA of the endpoint, in place of the system store'),
      cacheSeconds: seconds(600).describe('how long fetched keys count as fresh'),
      cooldownSeconds: seconds(30).describe('least time between two fetches for unknown `kid`s'),
      timeoutSeconds: seconds(5, 60).describe('how long one fetch may take'),
    }),
  ]),
  clockToleranceSeconds: seconds(30, 300),
  maxTokenAgeSeconds: z.number().int().min(1).optional().describe('refuse tokens whose `iat` is older'),
  requiredClaims: z.array(z.string().min(1)).default([]).describe('claims that must be there, besides exp'),
  claims: z
    .strictObject({
      name: z.string().min(1).default('sub'),
      tenant: z.string().min(1).default('tenant'),
      roles: z.string().min(1).default('roles').describe('an array or a space-separated string'),
    })
    .prefault({})
    .describe('where the principal is found; a dot descends into objects'),
  defaultTenant: name.optional().describe('tenant of tokens without the claim; without it they are refused'),
  defaultRoles: z.array(name).default([]),
});

export const configSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port')
    .default('127.0.0.1:2376')
    .describe('where clients connect'),
  listeners: z
    .array(listenerSchema)
    .default([])
    .describe('local listeners: without TLS, each with one principal for whoever reaches it'),
  tls: z.strictObject({
    certificate: file.describe('PEM chain of the server'),
    key: file.describe('PEM private key of the server'),
    minVersion: z.enum(['1.2', '1.3']).default('1.3'),
    clientCertificate: z
      .enum(['required', 'optional', 'none'])
      .default('required')
      .describe('`optional`: a certificate or a token; `none`: tokens only'),
    clientCa: file.optional().describe('PEM file of the CAs that client certificates chain to'),
    sessionTickets: file
      .default('certs/server/session-tickets.key')
      .describe('where the key of session tickets is kept for an hour; `off` gives clients none'),
    stapling: staplingSchema.prefault({}),
  }),
  engine: engineSchema.prefault({}),
  engines: enginesSchema,
  api: z
    .strictObject({
      floor: z
        .string()
        .regex(/^1\.\d{1,3}$/)
        .default('1.24')
        .describe('oldest API version accepted'),
      ceiling: z
        .string()
        .regex(/^1\.\d{1,3}$/)
        .default('1.56')
        .describe('newest API version accepted and advertised'),
    })
    .prefault({}),
  identity: z
    .strictObject({
      certificate: z
        .strictObject({
          name: z.enum(['cn', 'uri', 'dns', 'email']).default('cn'),
          tenant: z.enum(['o', 'ou', 'none']).default('o'),
          roles: z.enum(['o', 'ou', 'none']).default('ou'),
          defaultTenant: name.default('default'),
          rules: z.array(certificateRule).default([]).describe('the first rule that matches decides'),
          onlyRules: z.boolean().default(false).describe('refuse certificates that no rule matches'),
        })
        .prefault({}),
      jwt: z.strictObject({ issuers: z.array(issuer).default([]) }).prefault({}),
      both: z
        .enum(['same-name', 'token-names'])
        .default('same-name')
        .describe('a certificate and a token that it does not bind: `same-name` refuses two different names'),
    })
    .prefault({}),
  revocation: revocationSchema.prefault({}),
  policy: z
    .strictObject({
      model: file.default('policies/model.conf'),
      grants: file.default('policies/grants.csv'),
      profiles: file.default('policies/profiles.yaml'),
      store: z
        .enum(['files', 'postgres'])
        .default('files')
        .describe('where grants, memberships and profiles are: those files, or a database'),
      postgres: postgresSchema.optional().describe('the database'),
      contact: z
        .string()
        .max(200)
        .optional()
        .describe('whom a refused user should ask; ends every refusal by policy'),
      mode: z
        .enum(['enforce', 'observe'])
        .default('enforce')
        .describe('`observe` records what the policy would refuse, and forwards it'),
      roles: z
        .array(
          z.strictObject({
            role: name.describe('the role by its name'),
            floor: z
              .enum(['on', 'off'])
              .default('on')
              .describe('`off` forwards what the gateway does not understand'),
            observe: z
              .boolean()
              .default(false)
              .describe('what the policy would refuse to the role is recorded, and forwarded'),
          }),
        )
        .default([])
        .describe('exceptions for roles'),
    })
    .prefault({}),
  tenancy: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('objects belong to the tenant of whoever creates them, and are kept apart'),
      names: z
        .enum(['shared', 'private'])
        .default('shared')
        .describe('whether a name is for all tenants, or each has names of its own'),
      adopted: file
        .default('policies/adopted.csv')
        .describe('objects that `quaywarden adopt` handed to a tenant; the file need not be there'),
    })
    .prefault({}),
  mutations: z
    .array(mutation)
    .default([])
    .describe('what is added to requests or changed before they are judged'),
  redactions: z.array(redaction).default([]).describe('what is taken out of replies'),

  quotas: z
    .array(quota)
    .refine(starIsLast, 'only the last entry may be for *, as the first that is for a tenant decides')
    .default([])
    .describe('what each tenant may have; the first entry that is for it decides'),
  audit: z
    .strictObject({
      folder: file.default('audit').describe('where the log is: files that are only appended to, mode 0600'),
      instance: name.default('quaywarden').describe('what this gateway is called in its records'),
      strict: z
        .boolean()
        .default(true)
        .describe('nothing is forwarded before the disk has the record of the decision'),
      openSessions: z
        .enum(['go-on', 'end'])
        .default('go-on')
        .describe('what becomes of streams into containers while the log can not be written'),
      signingKey: file
        .default('certs/audit/signing-key.pem')
        .describe('signs checkpoints: Ed25519, ECDSA or RSA; made when missing'),
      secretsKey: file
        .default('certs/audit/secrets.key')
        .describe('HMAC key that stands between secrets and the log; made when missing'),
      rules: z
        .array(auditRule)
        .default([])
        .describe('how much is recorded; the first rule that fits decides'),
      segment: z
        .strictObject({
          bytes: z.number().int().min(65_536).max(1_073_741_824).default(67_108_864),
          seconds: z.number().int().min(60).max(31_536_000).default(86_400),
        })
        .prefault({})
        .describe('when the next file begins'),
      checkpoint: z
        .strictObject({
          records: z.number().int().min(1).max(1_000_000).default(1_000),
          seconds: z.number().int().min(1).max(86_400).default(60),
          copyTo: file.optional().describe('a file elsewhere that each checkpoint is appended to'),
        })
        .prefault({})
        .describe('how many lines, and how long after one, until the log is signed'),
      sinks: z.array(sinkSchema).default([]).describe('where the log is sent to, besides its files'),
    })
    .prefault({}),
  admin: z
    .strictObject({
      listen: z
        .string()
        .regex(/^(off|(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5})$/, 'host:port, or off')
        .default('127.0.0.1:9376')
        .describe('where /healthz, /readyz and /metrics are answered, without TLS'),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe(
          'whole URL that spans are sent to, such as https://collector:4318/v1/traces; without it none are',
        ),
      sampleRatio: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('which part of the requests is exported that come without a trace of their own'),
      headers,
      ca: file.optional().describe('PEM file of the CAs of the receiver, in place of the system store'),
      timeoutSeconds: z.number().int().min(1).max(60).default(10).describe('how long one request may take'),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      folder: file.default('sessions').describe('where recordings are kept, mode 0700'),
      record: z
        .array(recordingRule)
        .default([])
        .describe('which sessions are recorded; the first entry that fits decides'),
      onFailure: z
        .enum(['end', 'go-on'])
        .default('end')
        .describe('what becomes of a session that can not be recorded'),
      maxBytes: z
        .number()
        .int()
        .min(0)
        .max(1_099_511_627_776)
        .default(1_073_741_824)
        .describe('of one recording; 0 is no limit'),
      idleSeconds: seconds(0, 31_536_000).describe('how long no byte may pass; 0 is no limit'),
      totalSeconds: seconds(0, 31_536_000).describe('how long a session may last; 0 is no limit'),
      endAtExpiry: z
        .boolean()
        .default(false)
        .describe('end a session when the identity that opened it expires'),
    })
    .prefault({}),
  control: z
    .strictObject({
      socket: file
        .default('quaywarden.sock')
        .describe('unix socket on which `quaywarden session` speaks to the running gateway, mode 0600'),
    })
    .prefault({}),
  workers: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('how many processes serve clients, each with its own part of the audit log'),
  reload: z
    .strictObject({
      watchSeconds: seconds(2, 3_600).describe(
        'how often files are looked at for changes; 0 leaves it to SIGHUP and `quaywarden reload`',
      ),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info') })
    .prefault({}),
  limits: z
    .strictObject({
      headerBytes: z
        .number()
        .int()
        .min(16_384)
        .max(4_194_304)
        .default(524_288)
        .describe('request line and headers'),
      bodyBytes: z.number().int().min(1_024).max(67_108_864).default(4_194_304).describe('a JSON body'),
      headersSeconds: seconds(60, 3_600).describe('how long a client may take to send its headers'),
      bodySeconds: seconds(60, 3_600).describe('how long a client may take to send a JSON body'),
      idleSeconds: seconds(75, 3_600).describe('how long an idle keep-alive connection is kept'),
      principals: z
        .array(principalLimit)
        .refine(starIsLast, 'only the last entry may be for *, as the first that is for a principal decides')
        .default([])
        .describe('how often and how many of each principal; the first entry that is for it decides'),
      tenants: z
        .array(tenantLimit)
        .refine(starIsLast, 'only the last entry may be for *, as the first that is for a tenant decides')
        .default([])
        .describe('the same of all principals of a tenant together'),
      requests: z
        .number()
        .int()
        .min(16)
        .max(65_536)
        .default(1_024)
        .describe('requests under way in the whole gateway, those that stream left out'),
      connections: z
        .number()
        .int()
        .min(16)
        .max(1_000_000)
        .default(10_000)
        .describe('connections of clients in the whole gateway'),
      addresses: z
        .strictObject({
          connections: z.number().int().min(0).max(1_000_000).default(2_000).describe('open at a time'),
          handshakesPerSecond: z
            .number()
            .int()
            .min(0)
            .max(100_000)
            .default(20)
            .describe('TLS handshakes a second'),
          handshakeBurst: z
            .number()
            .int()
            .min(1)
            .max(100_000)
            .default(50)
            .describe('how many of them may come at once after a quiet time'),
          failuresPerMinute: z
            .number()
            .int()
            .min(0)
            .max(100_000)
            .default(60)
            .describe('requests a minute that are answered with 401'),
          failureSeconds: z
            .number()
            .int()
            .min(1)
            .max(86_400)
            .default(60)
            .describe('how long an address waits that had more'),
        })
        .prefault({})
        .describe('of each address of clients; 0 is no limit'),
    })
    .prefault({}),
  spool: z
    .strictObject({
      folder: file.optional().describe('where archives wait that a policy wants to be read'),
      bytes: z
        .number()
        .int()
        .min(1_048_576)
        .max(1_099_511_627_776)
        .default(8_589_934_592)
        .describe('of one archive, decompressed'),
      totalBytes: z
        .number()
        .int()
        .min(1_048_576)
        .max(1_099_511_627_776)
        .default(17_179_869_184)
        .describe('of all archives at one time'),
      idleSeconds: seconds(60, 3_600).describe('how long a client may take to send the next piece of one'),
    })
    .prefault({}),
  shutdown: z
    .strictObject({
      graceSeconds: seconds(10, 3_600).describe('how long open exchanges may go on after SIGTERM'),
    })
    .prefault({}),
});

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Validated and frozen configuration; file paths in it are absolute (resolved against the config's folder). */
export type Config = DeepReadonly<z.output<typeof configSchema>>;
