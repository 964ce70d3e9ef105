import { createRemoteKeys, type RemoteKeysOptions } from './jwks.ts';
import type { KeySource } from './keys.ts';

/**
 * The JWKS endpoints of one configuration. Those that stand in the one before with the same settings are taken over, keys
 * and all: an endpoint that is down while something else is reloaded takes nobody's keys away.
 */
export class RemoteKeys {
  #before: RemoteKeys | undefined;
  readonly #sources = new Map<string, KeySource>();

  constructor(before?: RemoteKeys) {
    this.#before = before;
  }

  /** @param key what tells its settings from any others */
  keysOf(key: string, options: RemoteKeysOptions): KeySource {
    const source = this.#sources.get(key) ?? this.#before?.find(key) ?? createRemoteKeys(options);
    this.#sources.set(key, source);
    return source;
  }

  /** All endpoints are there: the one before is needed no more. */
  settle(): void {
    this.#before = undefined;
  }

  /** Ends fetches that are under way, but for those of endpoints that a successor has. */
  close(successor?: RemoteKeys): void {
    for (const [key, source] of this.#sources) {
      if (successor?.find(key) !== source) source.close();
    }
  }

  find(key: string): KeySource | undefined {
    return this.#sources.get(key);
  }
}
