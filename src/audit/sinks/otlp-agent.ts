import { Agent } from 'undici';

/** With what a receiver is reached over TLS. */
export interface ReceiverTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
}

/** One connection to a receiver. In a file of its own, which is loaded where there is one: undici is a sixth of the program. */
export function agentOf(tls: ReceiverTls): Agent {
  return new Agent({ connections: 1, connect: { ...tls, minVersion: 'TLSv1.2', timeout: 10_000 } });
}
