import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

/** What a real Engine does behind the gateway where semantics.md says that it was seen to (V20). */

const name = 'attack-real-engine';
let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({ engineSocket: inject('engine').socket });
  await door.ask(http(`DELETE /v1.41/containers/${name}?force=1`));
  const container = JSON.stringify({
    Image: 'busybox',
    Cmd: ['sleep', '600'],
    HostConfig: { NetworkMode: 'none' },
  });
  expect((await door.ask(json(`POST /v1.41/containers/create?name=${name}`, container))).status).toBe(201);
  expect((await door.ask(http(`POST /v1.41/containers/${name}/start`))).status).toBe(204);
});
afterAll(async () => {
  await door.ask(http(`DELETE /v1.41/containers/${name}?force=1`));
  await door.close();
});

const tcp = ['Connection: Upgrade', 'Upgrade: tcp'];

async function newExec(...command: string[]): Promise<string> {
  const body = JSON.stringify({
    Cmd: command,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const answer = await door.ask(json(`POST /v1.41/containers/${name}/exec`, body));
  return (JSON.parse(answer.body) as { Id: string }).Id;
}

const start = (id: string, ...headers: string[]): string =>
  json(`POST /v1.41/exec/${id}/start`, '{"Detach":false,"Tty":true}', ...headers);

describe('an upgrade on a real Engine', () => {
  it('D010: a 404 ends the connection, and a second request behind it does nothing', async () => {
    const client = await door.connect();
    client.write(`${start('doesnotexist', ...tcp)}${http(`DELETE /v1.41/containers/${name}?force=1`)}`);
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.body, answer.rest]).toEqual([
      404,
      '{"message":"No such exec instance: doesnotexist"}\n',
      '',
    ]);
    const after = await door.ask(http(`GET /v1.41/containers/${name}/json`));
    expect(JSON.parse(after.body)).toMatchObject({ State: { Running: true } });
  });

  it('D016: bytes in the segment of the request, which the Engine would lose, reach the process', async () => {
    const id = await newExec('head', '-n', '1');
    const client = await door.connect();
    client.write(`${start(id, ...tcp)}early bird\n`);
    expect(await client.closed()).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\n(?:[^\r\n]+\r\n)+\r\nearly bird\r\nearly bird\r\n$/,
    );
    client.end();
  });

  it('D012: Upgrade without Connection, which the Engine takes for an upgrade, gets the raw stream of a 200', async () => {
    const id = await newExec('echo', 'hello');
    const client = await door.connect();
    client.write(start(id, 'Upgrade: tcp'));
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.header('upgrade'), answer.body]).toEqual([200, [], 'hello\r\n']);
    client.end();
  });

  it('D012: Upgrade on an ordinary operation is answered as ordinary, and the connection serves on', async () => {
    const client = await door.connect();
    client.write(http(`GET /v1.41/containers/${name}/json`, ...tcp));
    expect(readAnswer(await client.answered()).status).toBe(200);
    client.end();
  });

  it('D018: attach/ws takes a client that is no browser, and none that says it is one', async () => {
    const headers = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const path = `/v1.41/containers/${name}/attach/ws?stream=1&stdout=1`;
    const refused = await door.ask(http(`GET ${path}`, ...headers, 'Origin: https://evil'));
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('[origin-forbidden]')]);
    const client = await door.connect();
    client.write(http(`GET ${path}`, ...headers));
    expect(await client.answered()).toMatch(
      /^HTTP\/1\.1 101 .*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/is,
    );
    client.socket.destroy();
  });
});

describe('what would be read twice by a real Engine', () => {
  it('C001: a body of urlencoded values does not rename', async () => {
    const request = http(
      `POST /v1.41/containers/${name}/rename?name=${name}-ok`,
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Length: 11',
      '',
      'name=hacked',
    );
    expect((await door.ask(request)).status).toBe(415);
    const after = await door.ask(http(`GET /v1.41/containers/${name}/json`));
    expect(JSON.parse(after.body)).toMatchObject({ Name: `/${name}` });
  });

  it('B003: a path that the Engine would decode and serve is refused', async () => {
    for (const target of [
      '/v1.41%2Finfo',
      '/%761.41/info',
      '/v1.41/%69nfo',
      '/v1.24.9.9/info',
      '/v01.041/info',
    ]) {
      expect([target, (await door.ask(http(`GET ${target}`))).status]).toEqual([target, 400]);
    }
  });

  it('C015: a boolean that looks false and is true to the Engine is told to it as true', async () => {
    const stopped = JSON.stringify({ Image: 'busybox', HostConfig: { NetworkMode: 'none' } });
    await door.ask(json(`POST /v1.41/containers/create?name=${name}-stopped`, stopped));
    const names = async (all: string): Promise<string[]> =>
      (
        JSON.parse((await door.ask(http(`GET /v1.41/containers/json?all=${all}`))).body) as {
          Names: string[];
        }[]
      ).flatMap((each) => each.Names);
    expect(await names('off')).toContain(`/${name}-stopped`);
    expect(await names('no')).not.toContain(`/${name}-stopped`);
    await door.ask(http(`DELETE /v1.41/containers/${name}-stopped`));
  });
});
