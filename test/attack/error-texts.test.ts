import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const SECRET = 'hunter2-s3cr3t';

/** What is recorded of the Engine's error. */
async function recorded(request: string, message: string): Promise<string> {
  door.engine.script = async (connection, head) => {
    await bodyOf(connection, head);
    connection.socket.write(
      reply('500 Internal Server Error', JSON.stringify({ message }), ['Content-Type: application/json']),
    );
  };
  await door.records();
  const answer = await door.ask(request);
  door.engine.script = polite;
  expect(answer.status).toBe(500);
  const [complete] = (await door.records()).filter(({ stage }) => stage === 'complete');
  const error = complete?.outcome?.error ?? '';
  expect(error).toContain('[concealed]');
  return error;
}

describe('an error of the Engine is recorded without the secrets of the request', () => {
  const url = `https://h.example/x.tar?sig=${SECRET}`;
  it.each([
    [
      'the URL of an import',
      http(`POST /v1.41/images/create?fromSrc=${encodeURIComponent(url)}&repo=a`),
      `Get "${url}": dial tcp: lookup h.example: no such host`,
    ],
    [
      'a URL without its login',
      http(`POST /v1.41/images/create?fromSrc=${encodeURIComponent(url.replace('h.', 'u:pw@h.'))}&repo=a`),
      `Get "https://u:***@h.example/x.tar?sig=${SECRET}": dial tcp: lookup h.example: no such host`,
    ],
    [
      'the instruction of a commit',
      json(
        `POST /v1.41/commit?container=web&repo=a&changes=${encodeURIComponent(`ENV PW=1 ${SECRET}`)}`,
        '{}',
      ),
      `Syntax error - can't find = in "${SECRET}". Must be of the form: name=value`,
    ],
    [
      'a value that is quoted',
      json('POST /v1.41/containers/create', JSON.stringify({ Image: 'a', Env: [`PW="${SECRET}"\\x`] })),
      `invalid environment variable: ${JSON.stringify(`PW="${SECRET}"\\x`)}`,
    ],
  ])('%s', async (_, request, message) => {
    expect(await recorded(request, message)).not.toContain(SECRET);
  });
});
