import type { Soon } from './at-once.ts';
import { collectAll } from './collections.ts';
import { openProxyRoad, type ProxyRoad, type Refuse } from './proxy-road.ts';

/** How long after the gateway listens, in milliseconds: those who waited for it have been answered. */
const SOON_MS = 1_000;

/**
 * The road through @fastify/http-proxy, which is opened after the gateway listens: making Fastify, its proxy and undici is a sixth
 * of a start. Who needs it before waits for it.
 */
export class LateRoad {
  readonly #refuse: Refuse;
  #opening: Promise<ProxyRoad> | undefined;
  #road: ProxyRoad | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  /** @throws what it could not be opened for: once, and from then on */
  readonly open = (): Soon<ProxyRoad> => {
    if (this.#road !== undefined) return this.#road;
    this.#opening ??= openProxyRoad(this.#refuse).then((road) => {
      this.#road = road;
      return road;
    });
    return this.#opening;
  };

  /**
   * Opens it in a while, so that few have to wait for it; the start is over then, and what it used is taken back. Nobody catches a
   * failure: it ends the process, as one at the start does.
   */
  openSoon(): void {
    this.#timer = setTimeout(async () => {
      await this.open();
      collectAll();
    }, SOON_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const road = await this.#opening?.catch(() => undefined);
    await road?.close();
  }
}
