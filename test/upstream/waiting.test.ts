import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { Connections, MOST_CONNECTIONS, MOST_WAITING } from '../../src/upstream/connections.ts';

/** An Engine that takes every connection and answers nothing until it is told to. */
function silentEngine(): { dial: () => Socket; dialled: Duplex[] } {
  const dialled: Duplex[] = [];
  return {
    dialled,
    dial: () => {
      const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      dialled.push(duplex);
      return Object.assign(duplex, { setTimeout: () => duplex }) as unknown as Socket;
    },
  };
}

it('keeps so many requests waiting for the Engine and sends no more, until there is room again', async () => {
  const { dial, dialled } = silentEngine();
  const connections = new Connections(dial);
  const outcomes: string[] = [];
  const send = () =>
    connections.send({
      method: 'GET',
      bytes: 'GET / HTTP/1.1\r\n\r\n',
      wantsRaw: false,
      onHead: () => {},
      onRaw: () => {},
      onBody: () => {},
      onEnd: () => outcomes.push('answered'),
      onError: (error) => outcomes.push(String((error as NodeJS.ErrnoException).code)),
    });
  const flights = Array.from({ length: MOST_CONNECTIONS + MOST_WAITING }, send);
  await new Promise(setImmediate);
  expect([dialled.length, outcomes]).toEqual([MOST_CONNECTIONS, []]);
  send();
  // Not within the call: its caller has not yet got what it waits for.
  expect(outcomes).toEqual([]);
  await new Promise(setImmediate);
  expect(outcomes).toEqual(['ENGINE_BUSY']);
  dialled[0]?.push('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  await new Promise(setImmediate);
  send();
  flights.at(-1)?.abort();
  send();
  await new Promise(setImmediate);
  expect(outcomes).toEqual(['ENGINE_BUSY', 'answered']);
  send();
  await new Promise(setImmediate);
  expect(outcomes).toEqual(['ENGINE_BUSY', 'answered', 'ENGINE_BUSY']);
});
