import { parseTarget } from '../docker/path.ts';
import { route } from '../docker/route.ts';
import type { Operation } from '../docker/types.ts';
import { ConfigError, Refusal } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { partsOf } from '../policy/resource-pattern.ts';
import { type Consideration, consider } from './consider.ts';
import { type Desk, type DeskConfig, openDesk } from './desk.ts';
import type { Step } from './docker-line/steps.ts';
import { EXEC_ID, translate } from './docker-line/translate.ts';
import { supposedPrincipal } from './principal.ts';
import { headersFor } from './request-line.ts';
import { supposed } from './supposed-engine.ts';
import { tarOf } from './tar.ts';
import type { PolicyTest, TestFile } from './test-file.ts';

/** What became of one test. */
export interface TestResult {
  readonly test: PolicyTest;
  readonly desk: Desk;
  readonly principal: Principal;
  /** The request that decided: the first that was refused, else the last. */
  readonly request: string;
  readonly considered: Consideration;
  /** What is otherwise than expected, a sentence each; none: it passed. */
  readonly faults: readonly string[];
}

/** Runs all tests of a file. @throws ConfigError for a policy or a command line that can not be used */
export async function runTests(file: TestFile, config: DeskConfig): Promise<readonly TestResult[]> {
  const { policy, tenancy } = config;
  const tested: DeskConfig = {
    ...config,
    policy: {
      ...policy,
      // What is expected is what the policy says, whoever is only observed so far.
      mode: 'enforce',
      store: file.grants === undefined ? policy.store : 'files',
      roles: policy.roles.map((role) => ({ ...role, observe: false })),
      grants: file.grants ?? policy.grants,
      profiles: file.profiles ?? policy.profiles,
      model: file.model ?? policy.model,
    },
    tenancy: { ...tenancy, enabled: file.tenants ?? tenancy.enabled },
    // What a test says must be true on every machine.
    engine: { ...config.engine, onThisHost: false },
  };
  /** By the Engine that they are for. */
  const desks = new Map<string | undefined, Desk>();
  const results: TestResult[] = [];
  for (const test of file.tests) {
    const desk = desks.get(test.engine) ?? (await naming(test, () => openDesk(tested, test.engine)));
    desks.set(test.engine, desk);
    results.push(await naming(test, () => runTest(test, desk)));
  }
  return results;
}

async function runTest(test: PolicyTest, desk: Desk): Promise<TestResult> {
  const principal = supposedPrincipal({
    name: test.who,
    tenant: test.tenant,
    roles: test.roles,
    method: test.method,
  });
  const { request, considered } = await goThrough(test, principal, desk);
  return { test, desk, principal, request, considered, faults: faultsOf(test, considered) };
}

/** @throws ConfigError that says which test it was that could not be run */
async function naming<T>({ at }: PolicyTest, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(error.faults.map((fault) => `${at}: ${fault}`));
    throw error;
  }
}

/** Judges the requests of a test one after the other, until one is refused. */
async function goThrough(
  test: PolicyTest,
  principal: Principal,
  desk: Desk,
): Promise<{ readonly request: string; readonly considered: Consideration }> {
  const { steps, made } = test.docker === undefined ? { steps: [rawStep(test)] } : translate(test.docker);
  const { enabled, names } = desk.config.tenancy;
  const container = made === undefined ? undefined : `container/${enabled ? principal.tenant : '-'}/${made}`;
  const id = container === undefined ? '' : (supposed(container, names === 'private')?.id ?? '');
  const begun: string[] = [];
  let last: { readonly request: string; readonly considered: Consideration } | undefined;
  for (const [index, step] of steps.entries()) {
    const target = step.target.replace('{made}', id);
    const body = bodyOf(step, test);
    const considered = await consider(desk, {
      principal,
      method: step.method,
      target,
      headers: [
        ...headersFor(operationOf(step.method, target), body !== undefined && body.length > 0),
        ...Object.entries(test.headers).flat(),
      ],
      body,
      // What a command has made is there for what it does next.
      there: [...test.there, ...(container !== undefined && index > 0 ? [container] : []), ...begun],
    });
    const { api, resources = [] } = considered.findings;
    if (api?.operation.id === 'ContainerExec')
      begun.push(`exec/${partsOf(resources[0] ?? '').tenant}/${EXEC_ID}`);
    last = { request: `${step.method} ${target}`, considered };
    if (considered.effect === 'deny') break;
  }
  if (last === undefined) throw new ConfigError(['it makes no request']);
  return last;
}

function rawStep({ http = '', body }: PolicyTest): Step {
  const space = http.indexOf(' ');
  const line = { method: http.slice(0, space), target: http.slice(space + 1) };
  if (body === undefined || body === null) return line;
  if (typeof body !== 'object') throw new ConfigError(['body: is a mapping or a list']);
  return { ...line, body };
}

function bodyOf({ body, isArchive }: Step, { dockerfile, docker }: PolicyTest): Buffer | undefined {
  if (body !== undefined) return Buffer.from(JSON.stringify(body));
  if (isArchive !== true) return undefined;
  if (dockerfile === undefined) {
    if (docker?.startsWith('docker build') === true)
      throw new ConfigError(['docker build needs dockerfile:, what stands in it']);
    return tarOf();
  }
  return tarOf('Dockerfile', dockerfile);
}

/** The operation of a request; undefined where it is refused for its form, which the judgement tells. */
export function operationOf(method: string, target: string): Operation | undefined {
  try {
    return route(method, parseTarget(target)).operation;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function faultsOf(
  test: PolicyTest,
  { effect, reason, field, reasons, grant }: Consideration,
): readonly string[] {
  if (effect !== test.expect) return [`expected ${test.expect}, got ${effect} [${reason}]`];
  const faults: string[] = [];
  const ids = new Set([reason, ...reasons.map(({ check }) => check)]);
  const fields = new Set([field, ...reasons.map((each) => each.field)]);
  if (test.reason !== undefined && !ids.has(test.reason))
    faults.push(`expected the reason ${test.reason}, got ${[...ids].join(', ')}`);
  if (test.field !== undefined && !fields.has(test.field))
    faults.push(`expected the field ${test.field}, got ${[...fields].join(', ')}`);
  if (test.grant !== undefined && grant !== test.grant)
    faults.push(`expected the grant ${test.grant}, got ${grant ?? 'none'}`);
  return faults;
}
