import { enginesOf } from '../config/engines.ts';
import type { Config } from '../config/schema.ts';
import { createListener, type Entrances, type Listener, listen } from './server.ts';
import type { TlsFiles } from './tls-files.ts';

/** The TLS listener of one Engine, beside the one of all. */
export interface OwnDoor {
  readonly listener: Listener;
  /** @returns what there is to tell of it, once it listens @throws ConfigError when it can not */
  listen(): Promise<{ readonly engine: string; readonly address: string; readonly port: number }>;
}

/**
 * Makes the listeners of Engines that have one of their own, not yet listening. They have the certificates, the CAs and the
 * limits of the one of all.
 *
 * @param entrancesTo the ways to the Engine of that name
 */
export function openOwnDoors(
  config: Config,
  files: TlsFiles,
  entrancesTo: (name: string) => Entrances,
  admits: Parameters<typeof createListener>[3],
): readonly OwnDoor[] {
  return enginesOf(config).flatMap(({ name, key, listen: where }) => {
    if (where === undefined) return [];
    const listener = createListener(config, files, entrancesTo(name), (socket) => admits(socket));
    return [
      {
        listener,
        async listen() {
          const { host, port } = await listen(listener.server, where, { key: `${key}.listen` });
          return { engine: name, address: host, port };
        },
      },
    ];
  });
}
