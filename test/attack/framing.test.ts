import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  json,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const create = 'POST /v1.41/containers/create';
const body = '{"Image":"x"}';
const chunked = 'd\r\n{"Image":"x"}\r\n0\r\n\r\n';
const smuggled = 'GET /v1.41/secrets HTTP/1.1\r\nHost: docker\r\n\r\n';
const typed = 'Content-Type: application/json';

/** Refused by Node's parser: nobody was asked for yet. */
const malformed = { status: 400, reason: 'http-malformed', principal: null } as const;
/** Refused by ours, at the same stage. */
const ambiguous = { status: 400, reason: 'framing-ambiguous', principal: null } as const;

describe('two ways to say where a body ends', () => {
  it.each([
    ['CL.TE', ['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['TE.CL', ['Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${smuggled}\r\n0\r\n\r\n`],
    ['G019: CL.0 with chunks', ['Content-Length: 0', 'Transfer-Encoding: chunked'], chunked],
    ['two lengths', ['Content-Length: 13', 'Content-Length: 0'], body],
    ['two lengths that agree', ['Content-Length: 13', 'Content-Length: 13'], body],
    ['a length with a sign', ['Content-Length: +13'], body],
    ['a negative length', ['Content-Length: -1'], body],
    ['a length in hex', ['Content-Length: 0xd'], body],
    ['a length with a space in it', ['Content-Length: 1 3'], body],
    ['a length of letters', ['Content-Length: thirteen'], body],
    ['an empty length', ['Content-Length:'], body],
    ['a length beyond 64 bits', ['Content-Length: 18446744073709551629'], body],
    ['chunked not last', ['Transfer-Encoding: chunked, identity'], chunked],
    ['chunked, and then identity', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], chunked],
    ['chunked twice', ['Transfer-Encoding: chunked, chunked'], chunked],
    ['chunked twice in two lines', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunked],
    ['a vertical tab before chunked', ['Transfer-Encoding: \x0bchunked'], chunked],
    ['a space before the colon', ['Transfer-Encoding : chunked'], chunked],
    ['a tab before the colon', ['Content-Length\t: 13'], body],
    ['a folded line', ['Transfer-Encoding:', ' chunked'], chunked],
    ['a folded line behind another header', ['X-A: b', '\tTransfer-Encoding: chunked'], chunked],
    ['NUL in the name', ['Transfer-Encoding\x00: chunked'], chunked],
    ['NUL in the value', ['Transfer-Encoding: chunked\x00'], chunked],
    ['a carriage return in the value', ['X-A: b\rTransfer-Encoding: chunked'], chunked],
    ['a line feed alone', ['X-A: b\nTransfer-Encoding: chunked'], chunked],
    ['a line without a colon', ['Transfer-Encoding chunked'], chunked],
    ['an empty name', [': chunked'], chunked],
    ['a name in quotes', ['"Transfer-Encoding": chunked'], chunked],
    ['a name with bytes beyond ASCII', ['Transfer-Encod\xefng: chunked'], chunked],
  ])('%s: no byte of it reaches the Engine', async (_id, headers, rest) => {
    const bytes = Buffer.from(http(create, typed, ...headers, '', rest), 'latin1');
    await expectRefused(door, bytes, malformed);
  });

  it.each([
    ['D002: gzip, chunked', ['Transfer-Encoding: gzip, chunked'], chunked],
    ['a length with leading zeros', ['Content-Length: 013'], body],
    ['a length beyond what a number holds', ['Content-Length: 9999999999999999'], body],
  ])('%s is refused as ambiguous', async (_id, headers, rest) => {
    await expectRefused(door, http(create, typed, ...headers, '', rest), ambiguous);
  });

  it('D002: HTTP/1.0 with chunks, which Go takes for no body, is refused', async () => {
    const bytes = http(create, typed, 'Transfer-Encoding: chunked', '', chunked).replace(
      'HTTP/1.1',
      'HTTP/1.0',
    );
    await expectRefused(door, bytes, { ...ambiguous, message: 'HTTP/1.0 knows no Transfer-Encoding' });
  });

  it('a header whose name only looks like one that frames is not forwarded', async () => {
    const line = 'GET /v1.41/info';
    const odd = ['Content_Length: 5', 'Transfer_Encoding: chunked', 'X-Transfer-Encoding: chunked'];
    await expectForwarded(door, http(line, ...odd), plainly(line));
  });
});

describe('a coding of which the parser can not tell the end', () => {
  it.each(['xchunked', 'identity', 'gzip'])(
    '%s: the connection ends, nothing is forwarded, one record',
    async (coding) => {
      door.engine.taken();
      await door.records();
      const client = await door.connect();
      client.write(http(create, typed, `Transfer-Encoding: ${coding}`, '', chunked));
      await client.closed();
      expect(await door.records(1)).toMatchObject([
        { stage: 'refused', decision: { effect: 'deny', reason: 'framing-ambiguous' } },
      ]);
      expect(door.engine.taken()).toEqual([]);
    },
  );
});

describe('one way, and what the Engine receives', () => {
  const canonical = plainly(create, 'content-type: application/json', 'content-length: 13', '', body);

  it.each([
    ['chunks', ['Transfer-Encoding: chunked'], chunked],
    ['CHUNKED', ['TRANSFER-ENCODING: CHUNKED'], chunked],
    ['many chunks', ['Transfer-Encoding: chunked'], '1\r\n{\r\n00b\r\n"Image":"x"\r\n1\r\n}\r\n0\r\n\r\n'],
    ['chunk extensions', ['Transfer-Encoding: chunked'], `d;a=b;c="d"\r\n${body}\r\n0;x\r\n\r\n`],
    [
      'trailers that name headers',
      ['Transfer-Encoding: chunked', 'Trailer: Host'],
      `d\r\n${body}\r\n0\r\nHost: evil\r\nX-Registry-Auth: a\r\n\r\n`,
    ],
    ['a length', ['Content-Length: 13'], body],
  ])('%s arrive as one length', async (_id, headers, rest) => {
    await expectForwarded(door, http(create, typed, ...headers, '', rest), canonical);
  });

  it('the media type goes on without its parameters', async () => {
    const request = http(
      create,
      'Content-Type: Application/JSON; charset="UTF-8"',
      'Content-Length: 13',
      '',
      body,
    );
    await expectForwarded(door, request, canonical);
  });

  it('a Content-Encoding, which the Engine ignores, does not go on', async () => {
    await expectForwarded(door, json(create, body, 'Content-Encoding: identity'), canonical);
  });

  it('G019: a body that is announced by its type only is none: refused as missing', async () => {
    await expectRefused(door, http(create, typed), {
      status: 400,
      reason: 'body-missing',
      operation: 'ContainerCreate',
    });
    await expectRefused(door, http(create, typed, 'Content-Length: 0'), {
      status: 400,
      reason: 'body-missing',
    });
  });
});

describe('chunks that are none', () => {
  it.each([
    ['a size that is no number', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a negative size', '-1\r\n{}\r\n0\r\n\r\n'],
    ['a size with 0x', '0xd\r\n{"Image":"x"}\r\n0\r\n\r\n'],
    ['a size beyond 64 bits', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
    ['a space in the size', '1 3\r\n{"Image":"x"}\r\n0\r\n\r\n'],
    ['more data than the size says', `2\r\n${body}\r\n0\r\n\r\n`],
    ['a line feed alone behind the size', `d\n${body}\n0\n\n`],
    ['a line feed alone behind the data', `d\r\n${body}\n0\r\n\r\n`],
    ['a chunk extension with a line feed', `d;a=\nb\r\n${body}\r\n0\r\n\r\n`],
    ['NUL behind the size', `d\x00\r\n${body}\r\n0\r\n\r\n`],
  ])('%s: the connection ends, nothing is forwarded, one record', async (_id, rest) => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(http(create, typed, 'Transfer-Encoding: chunked', '', rest));
    await client.closed();
    const records = await door.records(1);
    expect(records).toMatchObject([
      {
        stage: 'refused',
        principal: { name: 'alice' },
        decision: { effect: 'deny', reason: 'body-incomplete' },
      },
    ]);
    expect(door.engine.taken()).toEqual([]);
  });

  it('chunk extensions without end are refused', async () => {
    const rest = `d;${'a'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`;
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(http(create, typed, 'Transfer-Encoding: chunked', '', rest));
    await client.closed();
    expect(await door.records(1)).toHaveLength(1);
    expect(door.engine.taken()).toEqual([]);
  });

  it('a body that stops short is refused when the client has ended its side', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(http(create, typed, 'Content-Length: 100', '', body));
    client.end();
    await client.closed();
    expect(await door.records(1)).toMatchObject([
      { stage: 'refused', decision: { reason: 'body-incomplete' } },
    ]);
    expect(door.engine.taken()).toEqual([]);
  });

  it('a body larger than what is judged is refused before it is sent', async () => {
    const request = http(create, typed, 'Content-Length: 4194305', 'Expect: 100-continue', '', '');
    await expectRefused(door, request, {
      status: 413,
      reason: 'body-too-large',
      message: 'the body is larger than the 4194304 bytes this gateway judges',
      operation: 'ContainerCreate',
    });
  });

  it('a chunked body that grows larger than what is judged is refused, and nothing of it is forwarded', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const rest = `${chunk.repeat(66)}d\r\n${body}\r\n0\r\n\r\n`;
    await expectRefused(door, http(create, typed, 'Transfer-Encoding: chunked', '', rest), {
      status: 413,
      reason: 'body-too-large',
    });
  });
});
