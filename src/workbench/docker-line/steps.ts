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
