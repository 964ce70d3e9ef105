import type { Membership } from '../policy/grants.ts';

/** The memberships by which somebody is something, the first first. */
export type Way = readonly Membership[];

/** Who holds what through whom, both ways. */
export class Ways {
  readonly #up = new Map<string, Membership[]>();
  readonly #down = new Map<string, Membership[]>();

  constructor(memberships: readonly Membership[]) {
    for (const each of memberships) {
      push(this.#up, each.member, each);
      push(this.#down, each.role, each);
    }
  }

  /** The shortest way from what somebody is by itself to a subject; undefined where there is none. */
  to(subjects: readonly string[], subject: string): Way | undefined {
    const seen = new Map<string, Way>(subjects.map((each) => [each, []]));
    for (const [at, way] of seen) {
      if (at === subject) return way;
      for (const link of this.#up.get(at) ?? [])
        if (!seen.has(link.role)) seen.set(link.role, [...way, link]);
    }
    return undefined;
  }

  /** Whoever the lines make a member of a subject, at any depth, with the way. */
  from(subject: string): readonly { readonly member: string; readonly way: Way }[] {
    const seen = new Map<string, Way>([[subject, []]]);
    for (const [at, way] of seen) {
      for (const link of this.#down.get(at) ?? []) {
        if (!seen.has(link.member)) seen.set(link.member, [link, ...way]);
      }
    }
    seen.delete(subject);
    return [...seen].map(([member, way]) => ({ member, way }));
  }
}

function push(map: Map<string, Membership[]>, key: string, value: Membership): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** `role:lead (grants.csv:40) > role:developer (grants.csv:41)`: what one is a member of, step by step. */
export function wayText(way: Way, file: string): string {
  return way.map(({ role, line }) => `${role} (${file}:${line})`).join(' > ');
}
