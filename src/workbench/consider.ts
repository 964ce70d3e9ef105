import { Readable } from 'node:stream';
import { toRefusal } from '../errors.ts';
import type { Findings } from '../exchange.ts';
import type { Principal } from '../identity/principal.ts';
import type { BodySource } from '../listener/body.ts';
import { readHeaders } from '../listener/framing.ts';
import { type JudgingBench, judgeNamed, type Petition } from '../pipeline.ts';
import type { Approach, Decision, Look, Policy, Question } from '../policy/decision.ts';
import { realPathHere } from '../tenancy/host-paths.ts';
import { Tenancy } from '../tenancy/tenancy.ts';
import type { Desk } from './desk.ts';
import { SupposedEngine } from './supposed-engine.ts';

/** A request that nobody has sent. */
export interface Supposition {
  readonly principal: Principal;
  readonly method: string;
  readonly target: string;
  /** Besides Host and Content-Length, which are made; in the order of Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body?: Uint8Array | undefined;
  /** What is on the Engine, as policies name it; minded where tenants are told apart. */
  readonly there: readonly string[];
}

/** What the policy was asked on the way, and what every grant says to it. */
export interface AskedOf {
  readonly operation: string;
  readonly resource: string;
  /** Whether the whole request was known, or only what comes before its body. */
  readonly isWhole: boolean;
  readonly decision: Decision;
  readonly looks: readonly Look[];
}

/** What the gateway would do with it. */
export interface Consideration {
  readonly effect: 'allow' | 'deny';
  /** As in the record: `granted`, `observed` where a denial is only recorded, or why it is refused. */
  readonly reason: string;
  /** What the client would be answered in the Engine's place; null where the request is forwarded. */
  readonly status: number | null;
  readonly message: string | null;
  readonly field: string | null;
  /** What offends, all of it. */
  readonly reasons: NonNullable<Decision['reasons']>;
  /** The grant that decided, `file:line`. */
  readonly grant: string | null;
  readonly findings: Pick<Findings, 'api' | 'resources' | 'changes' | 'facts' | 'subjects'>;
  /** In the order in which it was asked, each operation and resource once; found out when it is wanted. */
  readonly asked: () => readonly AskedOf[];
}

/**
 * Judges a request by the stages of the gateway itself (pipeline.ts), from the one on that knows who calls. What the Engine
 * would be asked is answered by what is supposed to be there; limits and quotas, which depend on what else goes on, are not
 * held against it.
 */
export async function consider(desk: Desk, supposition: Supposition): Promise<Consideration> {
  const heard: Heard[] = [];
  const { principal } = supposition;
  const petition = petitionOf(supposition);
  const { findings } = petition;
  const outcome = { status: null, message: null, field: null, reason: 'granted', effect: 'allow' } as const;
  try {
    // Names that have more than one reading are refused before anybody is known, and so are they here.
    findings.headers = readHeaders(petition.arrival);
    const judged = await judgeNamed(petition, benchOf(desk, supposition, heard));
    await discard(findings);
    return { ...outcome, ...rest(desk, findings, heard), reason: judged.decision.reason };
  } catch (error) {
    await discard(findings);
    const { status, reason, message, field = null, cause } = toRefusal(error);
    // What fails here fails in the gateway too; whoever looks for it needs to see what.
    if (reason === 'internal-error' && process.env['QUAYWARDEN_DEBUG']) console.error(principal.name, cause);
    return { ...rest(desk, findings, heard), effect: 'deny', reason, status, message, field };
  }
}

interface Heard {
  readonly question: Approach | Question;
  readonly isWhole: boolean;
  readonly decision: Decision;
}

function rest({ policy }: Desk, findings: Findings, heard: readonly Heard[]) {
  const { api, resources, changes, facts, subjects, decision } = findings;
  const last = new Map<string, Heard>();
  for (const each of heard) {
    const key = `${each.question.operation.id} ${each.question.resource}`;
    if (each.isWhole || last.get(key)?.isWhole !== true) last.set(key, each);
  }
  return {
    findings: { api, resources, changes, facts, subjects } as Consideration['findings'],
    reasons: decision?.reasons ?? [],
    grant: decision?.grant ?? null,
    asked: () =>
      [...last.values()].map(({ question, isWhole, decision }): AskedOf => {
        const { operation, resource } = question;
        return { operation: operation.id, resource, isWhole, decision, looks: policy.looks(question) };
      }),
  };
}

function benchOf(
  { config, engine, onThisHost, policy, rules, spool }: Desk,
  asked: Supposition,
  heard: Heard[],
): JudgingBench {
  const { tenancy } = config;
  const isPrivate = tenancy.names === 'private';
  const { ask, pull, inspect } = new SupposedEngine(asked.there, isPrivate, [asked.principal.tenant]);
  const options = { adoptedBy: () => undefined, quotas: config.quotas, contact: config.policy.contact };
  return {
    ...rules,
    policy: overheard(policy, heard),
    spool,
    inspect,
    engineVersion: async () => rules.ceiling,
    tracing: () => undefined,
    ...(engine === undefined ? {} : { engineName: engine }),
    ...(onThisHost ? { realPath: realPathHere } : {}),
    ...(tenancy.enabled ? { tenancy: new Tenancy({ ask, pull }, isPrivate, options) } : {}),
  };
}

/** The same policy; what it is asked is noted. */
function overheard(policy: Policy, heard: Heard[]): Policy {
  return {
    ...policy,
    admits(question) {
      const decision = policy.admits(question);
      heard.push({ question, isWhole: false, decision });
      return decision;
    },
    decide(question) {
      const decision = policy.decide(question);
      heard.push({ question, isWhole: true, decision });
      return decision;
    },
  };
}

function petitionOf({ principal, method, target, headers, body }: Supposition): Petition {
  const length = body === undefined || body.length === 0 ? [] : ['Content-Length', String(body.length)];
  return {
    arrival: {
      method,
      target,
      httpVersion: '1.1',
      rawHeaders: ['Host', 'docker', ...headers, ...length],
      body: sourceOf(body ?? new Uint8Array()),
    },
    findings: { principal },
    bytesIn: 0,
    hold: { named: () => {}, begin: () => {}, pace: undefined },
    acting: async () => () => {},
  };
}

function sourceOf(body: Uint8Array): BodySource {
  const bytes = Buffer.from(body);
  return { whole: async () => bytes, stream: () => Readable.from(bytes.length === 0 ? [] : [bytes]) };
}

async function discard({ payload }: Findings): Promise<void> {
  if (payload?.kind === 'archive') await payload.discard?.();
}
