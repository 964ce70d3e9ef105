import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Exchange, Judged } from '../../src/exchange.ts';
import type { Destination } from '../../src/upstream/engine.ts';
import { forwardTunnel, type TunnelEntrance } from '../../src/upstream/tunnel.ts';

it('an Engine that can not even be called leaves nothing behind that minds whether the client goes', async () => {
  // A key of the Engine's that is none throws where the connection is opened.
  const dial = new Error('no key');
  const to = {
    engine: {
      connections: {
        sendAlone: () => {
          throw dial;
        },
      },
    },
  } as unknown as Destination;
  const judged = {
    api: { operation: { method: 'POST' }, target: '/x' },
    payload: { kind: 'none' },
    headers: {},
    forward: {},
  } as unknown as Judged;
  const socket = new PassThrough();
  const entrance = { socket } as unknown as TunnelEntrance;
  await expect(forwardTunnel({} as Exchange, judged, to, entrance)).rejects.toBe(dial);
  expect(socket.listenerCount('close')).toBe(0);
});
