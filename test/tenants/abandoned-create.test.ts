import { afterEach, expect, test } from 'vitest';
import { bodyOf, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, json } from '../support/front-door.ts';
import { layWire, rawClient } from '../support/http.ts';
import { openTenantDoor } from '../support/tenants.ts';

let door: FrontDoor | undefined;

afterEach(async () => {
  await door?.close();
  door = undefined;
});

const ID = 'c'.repeat(64);
const CREATE = json(
  'POST /v1.41/containers/create?name=web',
  JSON.stringify({ Image: 'busybox', HostConfig: { Binds: ['db:/data'] } }),
);

/** An Engine that has no volume until one is made; `create` says how it answers to a container. */
function engineOf(create: (answer: (status: string, body: string) => void) => void): Script {
  let labels: unknown;
  return async (connection, head) => {
    const answer = (status: string, body: string): void => {
      connection.socket.write(reply(status, body, ['Content-Type: application/json']));
    };
    const body = await bodyOf(connection, head);
    if (/^POST \S*\/volumes\/create /.test(head)) {
      labels = (JSON.parse(body) as { Labels: unknown }).Labels;
      answer('201 Created', JSON.stringify({ Name: 'db', Labels: labels }));
    } else if (/^GET \/volumes\/db /.test(head)) {
      if (labels === undefined) answer('404 Not Found', '{"message":"get db: no such volume"}');
      else answer('200 OK', JSON.stringify({ Name: 'db', Labels: labels }));
    } else if (/^DELETE /.test(head)) answer('204 No Content', '');
    else if (/^POST \S*\/containers\/create/.test(head)) {
      create((status, text) => {
        if (status.startsWith('201')) labels = { 'io.quaywarden.tenant': 'team-a' };
        answer(status, text);
      });
    } else answer('200 OK', '{}');
  };
}

/** Sends the request on a connection that can be cut. */
async function createAs({ gateway, certPath }: FrontDoor, as: string): Promise<() => void> {
  const wire = await layWire(gateway.port);
  const client = await rawClient(wire.port, `${gateway.certPath('admin')}/ca.pem`, await certPath(as));
  client.write(CREATE);
  return wire.cut;
}

/** Until the Engine was asked this. */
async function asked(line: string): Promise<void> {
  const heads = () => door?.engine.heads().map((head) => head.split('\r\n', 1)[0]);
  await expect.poll(heads, { timeout: 5_000 }).toContain(`${line} HTTP/1.1`);
}

function deferred<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve: (value) => resolve(value) };
}

test('a container is looked at once it stands, though its client has left', async () => {
  const finish = deferred<() => void>();
  // Somebody else was faster to take the name of the volume.
  const script = engineOf((answer) => finish.resolve(() => answer('201 Created', `{"Id":"${ID}"}`)));
  door = await openTenantDoor({ script });
  const cut = await createAs(door, 'bob');
  const end = await finish.promise;
  cut();
  expect((await door.records(2)).at(-1)?.stage).toBe('complete');
  end();
  await asked(`DELETE /containers/${ID}?force=1&v=1`);
});

test('the volumes of a container that was not made go, though its client has left', async () => {
  const finish = deferred<() => void>();
  const script = engineOf((answer) => finish.resolve(() => answer('409 Conflict', '{"message":"no"}')));
  door = await openTenantDoor({ script });
  const cut = await createAs(door, 'bob');
  const end = await finish.promise;
  cut();
  expect((await door.records(2)).at(-1)?.stage).toBe('complete');
  end();
  await asked('DELETE /volumes/db');
});
