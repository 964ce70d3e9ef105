import * as z from 'zod';

const file = z.string().min(1);

/** What a responder says of the gateway's own certificate, shown to clients as they connect (docs/revocation.md). */
export const staplingSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('whether an OCSP answer about `tls.certificate` is stapled'),
  responder: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('whom to ask in place of whom the certificate names'),
  issuer: file
    .optional()
    .describe('PEM file with the CA that issued the certificate, where `tls.certificate` does not hold it'),
  ca: file.optional().describe('PEM file with the CA of an https responder'),
  timeoutSeconds: z.number().int().min(1).max(60).default(5).describe('how long one question may take'),
});
