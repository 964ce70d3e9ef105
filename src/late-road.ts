import type { Logger } from 'pino';
import type { ForwardPlain } from './ordinary-entrance.ts';
import type { ProxyRoad, Refuse } from './proxy-road.ts';

/** How long after the gateway listens, in milliseconds: those who waited for it have been answered. */
const SOON_MS = 1_000;

/**
 * The road through @fastify/http-proxy, which is opened after the gateway listens: Fastify, its proxy and undici are a third of the
 * program, and a start that waits for them is a sixth longer. Who needs it before waits for it.
 */
export class LateRoad {
  readonly #refuse: Refuse;
  #road: Promise<ProxyRoad> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  readonly forward: ForwardPlain = async (plain, request, response) => {
    (await this.#open()).forward(plain, request, response);
  };

  /** Opens it in a while: what is loaded then is what the gateway was started with, whatever is installed in its place later. */
  openSoon(log: Logger): void {
    this.#timer = setTimeout(() => {
      this.#open().catch((error: unknown) => {
        log.error({ err: error }, 'requests with a body can not be forwarded; start the gateway anew');
      });
    }, SOON_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const road = await this.#road?.catch(() => undefined);
    await road?.close();
  }

  /** What failed is tried again. */
  #open(): Promise<ProxyRoad> {
    this.#road ??= import('./proxy-road.ts')
      .then(({ openProxyRoad }) => openProxyRoad(this.#refuse))
      .catch((error: unknown) => {
        this.#road = undefined;
        throw error;
      });
    return this.#road;
  }
}
