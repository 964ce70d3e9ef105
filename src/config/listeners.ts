import * as z from 'zod';
import { DEFAULT_ENGINE } from './engine-schema.ts';

/** A principal's name, tenant or role, as the configuration writes them. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/, 'a name of letters, digits and ._@:+-');

/** One local listener: without TLS, and with one principal for whoever reaches it. */
export const listenerSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(unix:\/\/\/.+|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5})$/, 'unix:///path or host:port')
    .describe('a unix socket, or an address that only one client reaches'),
  mode: z
    .string()
    .regex(/^06[0246][0246]$/, 'permissions such as "0660", in quotes')
    .optional()
    .describe('who may connect to the unix socket'),
  allowPlaintext: z
    .boolean()
    .default(false)
    .describe('serve an address beyond loopback, whose network is trusted'),
  hosts: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, 'a host name in lower case'))
    .default([])
    .describe('names under which clients know a host:port listener, besides addresses and localhost'),
  engine: z.string().min(1).default(DEFAULT_ENGINE).describe('the Engine that it leads to'),
  principal: z
    .strictObject({
      name: word.describe('who everybody is that comes here'),
      tenant: word,
      roles: z.array(word).default([]),
    })
    .describe('who everybody is that comes here'),
});
