import * as z from 'zod';
import type { Path } from './document.ts';

/** The database that a policy may be kept in; the section `policy.postgres`. */

const file = z.string().min(1);
const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$/, 'a name of letters, digits and _.@-');

export const postgresSchema = z.strictObject({
  host: z
    .string()
    .regex(/^(\/.*|[A-Za-z0-9.:-]+)$/, 'a host name, an address, or the folder of a unix socket')
    .describe('where PostgreSQL is: a host, or the folder of its unix socket'),
  port: z.number().int().min(1).max(65_535).default(5_432).describe('its port; names the unix socket too'),
  database: identifier.default('quaywarden').describe('the database'),
  user: identifier.default('quaywarden').describe('the role that the gateway is there'),
  passwordFile: file.optional().describe('file with its password, read at each connection'),
  tls: z
    .strictObject({
      ca: file.describe('PEM file of the CAs of the database'),
      certificate: file.optional().describe('PEM chain that the gateway shows the database'),
      key: file.optional().describe('its private key'),
      serverName: z
        .string()
        .min(1)
        .optional()
        .describe('the name to check the certificate of the database for, when it is not the host'),
    })
    .optional()
    .describe('required beyond loopback'),
  cache: file
    .optional()
    .describe(
      'file with the last good policy, mode 0600: what a start goes on with while there is no database',
    ),
});

/** A `policy` section as far as it is about where the policy is kept. */
interface Section {
  readonly store: 'files' | 'postgres';
  readonly postgres?: z.output<typeof postgresSchema> | undefined;
}

/** What the schema can not say about one key alone. */
export function policyStoreFaults(
  policy: Section | undefined,
  isLoopback: (host: string) => boolean,
): readonly { readonly path: Path; readonly sentence: string }[] {
  if (policy === undefined) return [];
  const { store, postgres } = policy;
  if (postgres === undefined) {
    return store === 'files'
      ? []
      : [
          {
            path: ['policy', 'store'],
            sentence: 'policy.store is postgres, and policy.postgres does not say where that is',
          },
        ];
  }
  const { host, tls, passwordFile } = postgres;
  const path = ['policy', 'postgres'];
  const isSocket = host.startsWith('/');
  if (
    tls === undefined &&
    !isSocket &&
    passwordFile === undefined &&
    isLoopback(host === '::1' ? '[::1]' : host)
  ) {
    return [
      {
        path,
        sentence:
          'policy.postgres.passwordFile is missing: without TLS it is by the password that the gateway knows the database from another program on its port; or name the folder of its unix socket as policy.postgres.host',
      },
    ];
  }
  if (tls === undefined) {
    return isSocket || isLoopback(host === '::1' ? '[::1]' : host)
      ? []
      : [
          {
            path: [...path, 'host'],
            sentence:
              'policy.postgres.host leaves this machine without TLS; give policy.postgres.tls, as whoever answers there says who may do what',
          },
        ];
  }
  if (isSocket)
    return [
      {
        path: [...path, 'tls'],
        sentence: 'policy.postgres.tls has no meaning for a unix socket; take it out',
      },
    ];
  if ((tls.certificate === undefined) === (tls.key === undefined)) return [];
  const [there, missing] = tls.key === undefined ? ['certificate', 'key'] : ['key', 'certificate'];
  return [
    {
      path: [...path, 'tls', there],
      sentence: `policy.postgres.tls.${there} needs policy.postgres.tls.${missing} beside it`,
    },
  ];
}
