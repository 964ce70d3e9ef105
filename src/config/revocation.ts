import * as z from 'zod';

const file = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });
const seconds = (fallback: number, least: number, most: number) =>
  z.number().int().min(least).max(most).default(fallback);

/** Which certificates and tokens are good no more before their time is over (docs/revocation.md). */
export const revocationSchema = z.strictObject({
  crls: z
    .array(
      z.union([
        z.strictObject({ file: file.describe('CRLs of the CAs in tls.clientCa, PEM or DER') }),
        z.strictObject({
          url: url.describe('where such a CRL is fetched'),
          ca: file.optional().describe('PEM file with the CA of an https URL, in place of the system store'),
          refreshSeconds: seconds(30, 1, 86_400).describe('how often it is fetched'),
          timeoutSeconds: seconds(5, 1, 60).describe('how long one fetch may take'),
        }),
      ]),
    )
    .default([])
    .describe('lists of revoked certificates'),
  staleCrl: z
    .enum(['refuse', 'warn'])
    .default('refuse')
    .describe('what becomes of certificates whose CRL is out of date'),
  uncovered: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('what becomes of certificates whose issuer no CRL is of, where any is configured'),
  ocsp: z
    .strictObject({
      mode: z.enum(['off', 'prefer', 'require']).default('off'),
      responder: url.optional().describe('whom to ask about client certificates'),
      useCertificate: z
        .boolean()
        .default(false)
        .describe('ask the responder that the certificate names where none is configured'),
      ca: file.optional().describe('PEM file with the CA of an https responder'),
      cacheSeconds: seconds(30, 1, 86_400).describe(
        'how long an answer is used before it is asked for again',
      ),
      timeoutSeconds: seconds(5, 1, 60).describe('how long one question may take'),
    })
    .prefault({}),
  denyList: file.optional().describe('file of serial numbers, fingerprints, token ids and names'),
});
