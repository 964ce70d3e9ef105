import type { ApiRequest } from '../types.ts';
import { buildFacts } from './build.ts';
import { checkpointCreateFacts, checkpointFacts, startFacts } from './checkpoint.ts';
import { CLUSTER_FACTS } from './cluster-facts.ts';
import { commitFacts } from './commit.ts';
import { containerFacts } from './container.ts';
import { execFacts } from './exec.ts';
import { NO_FACTS } from './none.ts';
import type { Facts } from './types.ts';
import { unknownFields } from './unknown-fields.ts';
import { updateFacts } from './update.ts';

/** What of the facts one operation's request tells; the rest is as in NO_FACTS. Its body is as its model reads it. */
type FactsOf = (api: ApiRequest, body: never) => Partial<Facts>;

/** By operationId. Operations that are in no table ask for nothing but the object that they act on. */
const TABLE: Readonly<Record<string, FactsOf>> = {
  ContainerCreate: (_, body) => containerFacts(body),
  ContainerUpdate: (_, body) => updateFacts(body),
  ContainerExec: (_, body) => execFacts(body),
  ContainerStart: startFacts,
  ContainerCheckpointCreate: checkpointCreateFacts,
  ContainerCheckpointList: checkpointFacts,
  ContainerCheckpointDelete: checkpointFacts,
  ImageCommit: commitFacts,
  ImageBuild: buildFacts,
  ...CLUSTER_FACTS,
};

/**
 * What a request asks for.
 *
 * @param body as its model read it (`body/read.ts`); undefined when the request has none
 * @throws Refusal 400 where a query parameter can not be told apart: `query-value`, `changes-unclear`
 */
export function factsOf(api: ApiRequest, body: unknown): Facts {
  const tell = TABLE[api.operation.id];
  const unknown = unknownFields(body);
  if (tell === undefined && unknown.length === 0) return NO_FACTS;
  const told = (tell?.(api, body as never) ?? {}) as Members;
  // All facts have their names in one order, so that whoever reads them reads objects of one shape.
  const facts: Members = { ...TEMPLATE };
  for (const name in told) facts[name] = told[name] ?? facts[name];
  if (unknown.length > 0) facts['unknownFields'] = unknown;
  return facts as unknown as Facts;
}

/** Whether requests of an operation ask for more than the object that they act on. */
export function tellsFacts(operation: string): boolean {
  return Object.hasOwn(TABLE, operation);
}

type Members = Record<string, unknown>;

/** Copied faster than what is frozen. */
const TEMPLATE: Facts = { ...NO_FACTS };
