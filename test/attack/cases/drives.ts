import type { FrontDoor } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';

/** Ways of sending that take more than one write, or that do not wait for an answer. */

type Drive = NonNullable<Case['drive']>;

/** Sends it all in one segment and waits until the gateway has answered as often as there are requests. */
export const pipelined: Drive = async (door, bytes, as) => {
  const requests = String(bytes).match(/^[A-Z]+ \/\S+ HTTP\/1\.1\r$/gm) ?? [];
  const bodies = String(bytes).match(/^Content-Length: [1-9]/gm) ?? [];
  const client = await door.connect(as);
  client.write(bytes);
  await client.until(new RegExp(`^(?:[^]*?HTTP/1\\.1 \\d){${requests.length - bodies.length}}`));
  await settled();
  client.end();
  const all = await client.closed();
  client.socket.destroy();
  return all;
};

/** Sends it, ends its side, and takes what comes until the connection is closed. */
export const leaving: Drive = async (door, bytes, as) => {
  const client = await door.connect(as);
  client.write(bytes);
  client.end();
  const all = await client.closed();
  client.socket.destroy();
  return all;
};

/**
 * Sends a head that waits for 100 Continue.
 *
 * @param body sent once that comes; empty: the client leaves instead; undefined: it must not come
 */
export function waitingFor100(body: string | undefined): Drive {
  return async (door, bytes, as) => {
    const client = await door.connect(as);
    client.write(bytes);
    if (body === undefined) {
      const all = await client.closed();
      client.socket.destroy();
      if (/^HTTP\/1\.1 100/.test(all)) throw new Error('the body was asked for before the verdict');
      return all;
    }
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    const early = door.engine.taken();
    if (early.length > 0) throw new Error(`the Engine received ${early} before the body came`);
    if (body === '') {
      client.socket.destroy();
      return '';
    }
    client.write(body);
    await client.answered('POST');
    client.end();
    const all = await client.closed();
    client.socket.destroy();
    return all;
  };
}

/** Sends it, waits until the other side has said its welcome, says `more`, ends its side, and takes the rest. */
export function talking(welcome: RegExp, more = ''): Drive {
  return async (door, bytes, as) => {
    const client = await door.connect(as);
    client.write(bytes);
    await client.until(welcome);
    if (more !== '') client.write(more);
    client.end();
    const all = await client.closed();
    client.socket.destroy();
    return all;
  };
}

/** Sends it to an Engine that answers in this way and does as the script says; what follows is sent after the answer. */
export function answeredBy(script: FrontDoor['engine']['script'], then = ''): Drive {
  return async (door, bytes, as) => {
    const usual = door.engine.script;
    door.engine.script = script;
    try {
      const client = await door.connect(as);
      client.write(bytes);
      await client.answered('POST');
      if (then !== '') client.write(then);
      client.end();
      const all = await client.closed();
      client.socket.destroy();
      return all;
    } finally {
      door.engine.script = usual;
    }
  };
}

/** Time for the gateway to send what it must not send. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
