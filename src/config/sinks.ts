import * as z from 'zod';

/** Where the audit log is sent to, besides its files; the section `audit.sinks`. */

const file = z.string().min(1);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name of small letters, digits and hyphens');

const every = {
  name: name.describe('how the sink is called in the log, in /readyz and in the name of its file'),
  format: z
    .enum(['native', 'ocsf'])
    .default('native')
    .describe('the lines of the log as they are, or events of OCSF'),
  begin: z
    .enum(['oldest', 'now'])
    .default('oldest')
    .describe('what a new sink begins with: the oldest line that is there, or the next one that is written'),
};

const tls = {
  ca: file.optional().describe('PEM file of the CAs of the receiver, in place of the system store'),
  certificate: file.optional().describe('PEM chain that the gateway shows the receiver'),
  key: file.optional().describe('its private key'),
  serverName: z
    .string()
    .min(1)
    .optional()
    .describe("the name to check the receiver's certificate for, when it is not the host of the address"),
};

/** RFC 9110, section 5.6.2; values without control characters. */
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'the name of a header');
const value = z.string().regex(/^[\x20-\x7e]*$/, 'the value of a header, printable ASCII');

/** Of requests to a receiver of OTLP. */
export const headers = z.record(header, value).default({}).describe('further headers, such as Authorization');

export const sinkSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...every, type: z.literal('stdout') }),
  z.strictObject({
    ...every,
    type: z.literal('syslog'),
    address: z
      .string()
      .regex(
        /^(tls|tcp):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
        'tls://host:port or tcp://host:port',
      )
      .describe('the receiver; tcp:// on loopback only'),
    facility: z.number().int().min(0).max(23).default(13).describe('RFC 5424; 13 is log audit'),
    maxMessageBytes: z
      .number()
      .int()
      .min(2_048)
      .max(16_777_216)
      .default(8_192)
      .describe('longer messages lose their longest members'),
    closeSeconds: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(30)
      .describe('how long the receiver may take to close a connection'),
    ...tls,
  }),
  z.strictObject({
    ...every,
    type: z.literal('otlp'),
    url: z
      .url({ protocol: /^https?$/ })
      .describe(
        'the whole URL of the receiver, such as https://collector:4318/v1/logs; http on loopback only',
      ),
    headers,
    timeoutSeconds: z.number().int().min(1).max(600).default(30).describe('how long one request may take'),
    ...tls,
  }),
]);
