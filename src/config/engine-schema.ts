import * as z from 'zod';

/** The sections `engine` and `engines`: the Engines behind the gateway. */

/** What the Engine of the section `engine` is called. */
export const DEFAULT_ENGINE = 'default';

const file = z.string().min(1);

const address = z
  .string()
  .regex(
    /^(unix:\/\/\/.+|tcp:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5})$/,
    'unix:///path or tcp://host:port',
  );

const every = {
  onThisHost: z
    .boolean()
    .default(false)
    .describe('the gateway sees the files of the Engine’s host under the same paths'),
  tls: z
    .strictObject({
      ca: file,
      certificate: file.optional(),
      key: file.optional(),
      serverName: z.string().optional(),
    })
    .optional()
    .describe('required for tcp:// beyond loopback'),
  hosts: z
    .array(
      z
        .string()
        .regex(
          /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)$/,
          'a host name or an address, in lower case and without a port',
        ),
    )
    .default([])
    .describe('names under which clients reach it on the TLS listener'),
};

export const engineSchema = z.strictObject({
  address: address.default('unix:///var/run/docker.sock'),
  ...every,
});

export const enginesSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a name of lower-case letters, digits, hyphens and underscores'),
    z.strictObject({
      address: address.describe('where it is'),
      ...every,
      listen: z
        .string()
        .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port')
        .optional()
        .describe('a TLS listener of its own'),
      adopted: file
        .optional()
        .describe(
          'objects on it that were handed to a tenant; default: adopted-NAME.csv beside tenancy.adopted',
        ),
    }),
  )
  .default({})
  .describe('further Engines, by name');
