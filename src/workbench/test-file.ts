import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { readDocument } from '../config/document.ts';
import { issueFaults } from '../config/issues.ts';
import { ConfigError } from '../errors.ts';

const text = z.string().min(1);

const testSchema = z
  .strictObject({
    name: text.optional().describe('what it is about'),
    who: text.describe('the name of the principal'),
    roles: z.array(text).default([]),
    tenant: text.optional(),
    engine: text.optional().describe('the Engine that it goes to, of several; default: default'),
    method: z.enum(['certificate', 'jwt', 'both', 'listener']).optional(),
    docker: text.optional().describe('a docker command line'),
    http: z
      .string()
      .regex(/^[A-Z]+ \/\S*$/, 'a method and a target, such as POST /v1.41/containers/create?name=web')
      .optional(),
    body: z.unknown().optional().describe('of http: JSON'),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('headers that are sent as well, such as Quaywarden-Reason'),
    dockerfile: z.string().optional().describe('of docker build: what stands in the Dockerfile'),
    there: z.array(text).default([]).describe('objects on the Engine, as policies name them'),
    expect: z.enum(['allow', 'deny']),
    reason: text.optional().describe('the reason id, or one of several'),
    field: text.optional().describe('a field that offends'),
    grant: text.optional().describe('the grant that decides, grants.csv:12'),
  })
  .refine(
    ({ docker, http }) => (docker === undefined) !== (http === undefined),
    'say either docker: or http:',
  )
  .refine(({ docker, body }) => docker === undefined || body === undefined, 'a body goes with http:')
  .refine(
    ({ expect, reason, field }) => expect === 'deny' || (reason ?? field) === undefined,
    'reason and field are of a denial',
  );

const fileSchema = z.strictObject({
  grants: text
    .optional()
    .describe('the grants that are tested, from this file; default: those of the configuration'),
  profiles: text.optional(),
  model: text.optional(),
  tenants: z
    .boolean()
    .optional()
    .describe('whether tenants are told apart; default: as in the configuration'),
  tests: z.array(testSchema).min(1),
});

export type PolicyTest = z.output<typeof testSchema> & {
  /** `file:line:column` */
  readonly at: string;
};

export interface TestFile {
  readonly grants?: string | undefined;
  readonly profiles?: string | undefined;
  readonly model?: string | undefined;
  readonly tenants?: boolean | undefined;
  readonly tests: readonly PolicyTest[];
}

/** Reads a file of tests. Paths come out absolute. @throws ConfigError with every fault and its line */
export function readTests(file: string): TestFile {
  let bytes: string;
  try {
    bytes = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
  const document = readDocument(file, bytes, {});
  if (document.faults.length > 0) throw new ConfigError(document.faults);
  const parsed = fileSchema.safeParse(document.value);
  if (!parsed.success) throw new ConfigError(issueFaults(parsed.error.issues, document));
  const beside = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(dirname(file), path);
  const { grants, profiles, model, tenants, tests } = parsed.data;
  return {
    grants: beside(grants),
    profiles: beside(profiles),
    model: beside(model),
    tenants,
    tests: tests.map((test, index) => ({ ...test, at: document.at(['tests', index]) })),
  };
}
