/** A request that a docker command makes. */
export interface Step {
  readonly method: string;
  /** Without a version. `{made}` stands for the id of the container that the command has made. */
  readonly target: string;
  readonly body?: object;
  /** Sends an archive: that of the build, or an empty one. */
  readonly isArchive?: true;
}

/** Query parameters, in order; those without a value are left out. */
export type Pairs = Readonly<Record<string, string | readonly string[] | undefined>>;

export function target(path: string, query: Pairs = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (value === undefined ? [] : typeof value === 'string' ? [value] : value).map(
      (each) => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`,
    ),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** `1` where a flag is set. */
export function flag(isSet: unknown): '1' | undefined {
  return isSet === true ? '1' : undefined;
}

/** `A=1` as name and value; without a value an empty one. */
export function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Pairs as the docker CLI writes them: Go sorts the keys of a map. */
export function mapOf(pairs: unknown): Readonly<Record<string, string>> {
  const given = (pairs as readonly string[] | undefined) ?? [];
  return sorted(Object.fromEntries(given.map(pairOf)));
}

export function sorted<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
