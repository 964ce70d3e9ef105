import type { FrontDoor } from '../../support/front-door.ts';

/** Who sends: `alice` and `bob` are developers of two tenants, the others are said in persona.ts. */
export type Persona = 'alice' | 'ann' | 'bob' | 'moved' | 'viewer' | 'admin' | 'rita' | 'sam' | 'una';

/** Nothing of the request reaches the Engine. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly field?: string;
  /** What the record says that was asked for; null where the request was refused before that was known. */
  readonly operation: string | null;
  /** What the record says that it acts on; null where nobody knew whose that is. Not looked at where it is not said. */
  readonly resource?: string | null;
  /** The whole sentence, where it must be the Engine's own. */
  readonly message?: string;
  /** Whether it is refused before the gateway asks who calls. */
  readonly anonymous: boolean;
  /** Everything that kept a grant from allowing it: ids of checks, in their order. */
  readonly checks?: readonly string[];
  /** False where the connection just ends: the rest of what was sent has no reading. */
  readonly answered: boolean;
}

/** The Engine receives exactly these bytes, and nothing else of the request. */
export interface Forwarded {
  readonly received: string;
  readonly operation: string;
  readonly resource?: string;
  /** What else it names: whose that is. Not looked at where it is not said. */
  readonly involves?: readonly string[];
  /** What the client is answered; 200 unless said. */
  readonly status?: number;
}

export type Verdict = Refused | Forwarded;

/** One way of making the attack. */
export interface Attempt {
  /** What tells it from the others of its case. */
  readonly name: string;
  /** What the client sends, or how it is made with what the gateway at hand knows. */
  readonly bytes: string | Buffer | ((door: FrontDoor) => Promise<string | Buffer>);
  /** The field that the refusal names, where it differs between the attempts. */
  readonly field?: string;
  /** The bytes that the Engine receives, where they differ between the attempts. */
  readonly received?: string;
  /** The sentence of the refusal, where it differs between the attempts. */
  readonly message?: string;
}

/** One row of the table: one or more attempts with one verdict. */
export interface Case {
  /** Of attacks.md; variants of a row have the row's id. */
  readonly id: string;
  readonly title: string;
  readonly attempts: readonly Attempt[];
  /** One for each request on the connection, in their order. */
  readonly verdicts: readonly Verdict[];
  /** Default: alice. Null comes without a certificate. */
  readonly as?: Persona | null;
  /** Where the verdict differs from that of attacks.md, and why. */
  readonly note?: string;
  /** What attacks.md demands here and a later issue builds (7: limits). The verdict is today's. */
  readonly later?: { readonly issue: 7; readonly wants: string };
  /** Whether it is tried where tenants are told apart, in front of an Engine that has some things of alice and bob. */
  readonly tenants?: true;
  /** What the client must read in the answer, and what not, beside the words and names that are bob's. */
  readonly answer?: { readonly has?: readonly string[]; readonly lacks?: readonly string[] };
  /** Why it is not tried on a real Engine. */
  readonly fakeOnly?: string;
  /** A text that neither a record nor an answer may hold. */
  readonly secret?: string;
  /** What the gateway itself asks the Engine before it decides; where tenants are told apart, what it makes there. */
  readonly asks?: string | readonly string[];
  /** How it is sent, when that takes more than one write. Returns all that the client received. */
  readonly drive?: (door: FrontDoor, bytes: string | Buffer, as: Persona | null) => Promise<string>;
  /** What the same bytes do where no gateway is in the way, by seeing it on a real Engine. */
  readonly danger?: Danger;
}

/**
 * What shows on a real Engine that a case is real: parts of the container that the bytes made (by path in what
 * ContainerInspect answers; a text matches where a pattern is given), or a status and a text that the Engine answers.
 */
export type Danger =
  | { readonly container: Readonly<Record<string, unknown>> }
  | {
      readonly status: number;
      readonly answer?: RegExp;
      readonly afterwards?: readonly [target: string, answer: RegExp];
    };

export function isForwarded(verdict: Verdict): verdict is Forwarded {
  return 'received' in verdict;
}
