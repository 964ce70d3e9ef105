/** How much it matters: an error keeps the gateway from starting. */
export type Severity = 'error' | 'warning' | 'note';

/** What there is to find, by its stable id: how much it matters, and what it means. */
export const RULES = {
  invalid: ['error', 'the gateway does not start with this line'],
  'root-on-host': ['warning', 'whoever has this grant can become root on the host of the Engine'],
  'exec-in-others': ['warning', 'it leads into containers that others have given more than it allows'],
  duplicate: ['warning', 'another line says the same'],
  shadowed: ['warning', 'another line says it already, and more'],
  contradiction: ['warning', 'one line allows and another one denies the same; the denial wins'],
  'never-allows': ['warning', 'a denial without a condition covers all that it allows'],
  'never-met': ['warning', 'its condition can not be met'],
  'denies-all': ['warning', 'it denies everything to everybody'],
  'idle-exclusion': ['warning', 'an exclusion excludes nothing'],
  'name-is-no-identity': ['warning', 'a denial by name is passed by the id'],
  'deny-not-negated': ['warning', 'a denial with a function that is not negated is easily escaped'],
  'limit-can-be-raised': ['warning', 'a limit that a container is made with can be taken away afterwards'],
  'silence-without-reason': ['warning', 'a finding is silenced and nobody says why'],
  'silence-unknown': ['warning', 'what is silenced is no finding'],
  'silence-unused': ['note', 'what is silenced is not there'],
  'half-exec': ['note', 'docker exec takes two grants, and one of them is missing'],
  'no-ping': ['note', 'clients ask for /_ping first, and no grant allows it'],
  'replaces-images': ['note', 'images that others run can be replaced under their names'],
  'unknown-fields': ['note', 'what newer Engines understand is let through without being judged'],
} as const satisfies Readonly<Record<string, readonly [Severity, string]>>;

export type RuleId = keyof typeof RULES;

export interface Finding {
  readonly id: RuleId;
  readonly severity: Severity;
  /** The file as it was named. */
  readonly file: string;
  readonly line: number;
  readonly sentence: string;
}

/** A finding without its file. */
export interface Found {
  readonly id: RuleId;
  readonly line: number;
  readonly sentence: string;
}

export function isRule(id: string): id is RuleId {
  return Object.hasOwn(RULES, id);
}
