import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GarbledReply, ReplyParser } from '../../src/upstream/reply-parser.ts';

/** What a parser says of bytes that come in pieces. */
function parsed(pieces: readonly Buffer[], method = 'GET', isOver = false) {
  let head = '';
  let body = '';
  let ends = 0;
  const parser = new ReplyParser(method, {
    onHead: ({ status, reason, rawHeaders }) => {
      head += `${status} ${reason} ${rawHeaders.join('|')}`;
    },
    onBody: (chunk) => {
      body += chunk.toString('latin1');
    },
    onEnd: () => {
      ends += 1;
    },
  });
  for (const piece of pieces) parser.push(piece);
  const isWhole = isOver ? parser.end() : parser.isDone;
  return { head, body, ends, isWhole, isReusable: parser.isReusable };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const whole = (text: string, method?: string, isOver?: boolean) => parsed([bytes(text)], method, isOver);

describe('a reply', () => {
  it.each([
    [
      'a length',
      'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabc',
      '200 OK A|b|Content-Length|3',
      'abc',
    ],
    ['no length at all', 'HTTP/1.1 204 No Content\r\n\r\n', '204 No Content ', ''],
    [
      'no body, whatever it says',
      'HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n',
      '304 N Content-Length|9',
      '',
    ],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '200  Content-Length|0', ''],
    [
      'white space around a value',
      'HTTP/1.1 200 OK\r\nA: \t b c \t\r\nContent-Length: 0\r\n\r\n',
      '200 OK A|b c|Content-Length|0',
      '',
    ],
    [
      'interim answers before it',
      'HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nL: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
      '200 OK Content-Length|1',
      'x',
    ],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n00A;x="y"\r\n0123456789\r\n0\r\nT: x\r\n\r\n',
      '200 OK transfer-encoding|Chunked',
      'abc0123456789',
    ],
  ])('with %s', (_, text, head, body) => {
    expect(whole(text)).toEqual({ head, body, ends: 1, isWhole: true, isReusable: true });
  });

  it('to HEAD has no body', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    expect(whole(text, 'HEAD')).toMatchObject({ ends: 1, isReusable: true });
    expect(whole(`${text}abc`, 'HEAD')).toMatchObject({ body: '', ends: 1, isReusable: false });
  });

  it('is the same in whatever pieces it comes', () => {
    const texts = [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab\r\nc',
      'HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n\r\r\n1\r\nx\r\n0\r\nT: y\r\n\r\n',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(110), { maxLength: 12 }), (text, cuts) => {
        const at = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort(
          (a, b) => a - b,
        );
        const pieces = at.slice(1).map((end, index) => bytes(text.slice(at[index], end)));
        expect(parsed(pieces)).toEqual(whole(text));
        expect(parsed(pieces).isWhole).toBe(true);
      }),
    );
  });

  it('without an end of its own ends with the connection, and is not used again', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nabc';
    expect(whole(text)).toMatchObject({ body: 'abc', isWhole: false });
    expect(whole(text, 'GET', true)).toMatchObject({ body: 'abc', isWhole: true, isReusable: false });
  });

  it.each([
    ['by its version', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['by its word', 'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n'],
    ['by what follows it', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n'],
  ])('closes its connection %s', (_, text) => {
    expect(whole(text)).toMatchObject({ isWhole: true, ends: 1, isReusable: false });
  });

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n'],
    ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'],
    ['nothing yet', ''],
  ])('that breaks off within %s is not whole', (_, text) => {
    expect(whole(text, 'GET', true)).toMatchObject({ isWhole: false, ends: 0 });
  });
});

describe('what two readers could take for different replies is none', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  it.each([
    ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
    ['a list of lengths', `${ok}Content-Length: 1, 1\r\n\r\nx`],
    ['a signed length', `${ok}Content-Length: +1\r\n\r\nx`],
    ['an empty length', `${ok}Content-Length:\r\n\r\nx`],
    ['a length and chunks', `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['another coding', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['two codings', `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks of HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', `${ok}A: b\r\n c\r\n\r\n`],
    ['a space before the colon', `${ok}Content-Length : 1\r\n\r\nx`],
    ['a name that is none', `${ok}A(b): c\r\n\r\n`],
    ['no colon', `${ok}A\r\n\r\n`],
    ['NUL', `${ok}A: b\0c\r\n\r\n`],
    ['half an end of line', `${ok}A: b\rContent-Length: 1\r\n\r\nx`],
    ['the other half', `${ok}A: b\nContent-Length: 1\r\n\r\nx`],
    ['another protocol', 'ICY 200 OK\r\n\r\n'],
    ['another version', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status beyond 599', 'HTTP/1.1 600 OK\r\n\r\n'],
    ['another protocol from here on', 'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n'],
    ['a chunk without a size', `${ok}Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n`],
    ['a chunk of a negative size', `${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\n`],
    ['a chunk size in another notation', `${ok}Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n`],
    ['a chunk size with white space', `${ok}Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n`],
    ['a chunk that is longer than it says', `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n`],
    ['a chunk size without an end', `${ok}Transfer-Encoding: chunked\r\n\r\n${'1'.repeat(1_100)}`],
    ['a trailer that is none', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nevil\r\n\r\n`],
    ['a head without an end', `${ok}A: ${'x'.repeat(1_100_000)}`],
  ])('%s', (_, text) => {
    expect(() => whole(text)).toThrow(GarbledReply);
  });

  it('and so are bytes that end before a head does', () => {
    expect(() => whole('SSH-2.0-OpenSSH\r\n', 'GET', true)).toThrow(GarbledReply);
  });
});
