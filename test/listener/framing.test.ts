import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { type RequestHeaders, readHeaders } from '../../src/listener/framing.ts';

function read(headers: readonly [string, string][], httpVersion = '1.1'): RequestHeaders {
  return readHeaders({ method: 'GET', target: '/_ping', httpVersion, rawHeaders: headers.flat() });
}

function refusal(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const host: [string, string] = ['Host', 'gateway:2376'];

describe('readHeaders', () => {
  it('reads a head of the docker CLI', () => {
    const headers = read([
      host,
      ['User-Agent', 'Docker-Client/28.2.2 (linux)'],
      ['Connection', 'Upgrade'],
      ['Content-Type', 'application/json'],
      ['Content-Length', '12'],
      ['Upgrade', 'tcp'],
      ['Authorization', 'Bearer x.y.z'],
    ]);
    expect(headers).toMatchObject({
      authorization: 'Bearer x.y.z',
      userAgent: 'Docker-Client/28.2.2 (linux)',
      contentType: 'application/json',
      contentLength: 12,
      chunked: false,
      expectsContinue: false,
      upgrade: 'tcp',
    });
  });

  it('takes an HTTP/1.0 request without a Host, and odd Host values', () => {
    expect(read([], '1.0').contentLength).toBeUndefined();
    for (const value of ['', 'docker', 'api.moby.localhost', '[::1]:2376', '%2Fvar%2Frun%2Fdocker.sock']) {
      expect(read([['Host', value]]).upgrade).toBeUndefined();
    }
  });

  it.each([
    ['D004 no Host on HTTP/1.1', [], '1.1', 400, 'host-missing'],
    ['D004 two Hosts', [host, ['host', 'other']], '1.1', 400, 'header-duplicate'],
    ['a Host with a space', [['Host', 'a b']], '1.1', 400, 'host-malformed'],
    ['HTTP/2.0 in the request line', [host], '2.0', 400, 'http-version'],
    ['D002 chunked on HTTP/1.0', [host, ['Transfer-Encoding', 'chunked']], '1.0', 400, 'framing-ambiguous'],
    ['gzip before chunked', [host, ['Transfer-Encoding', 'gzip, chunked']], '1.1', 400, 'framing-ambiguous'],
    ['identity', [host, ['Transfer-Encoding', 'identity']], '1.1', 400, 'framing-ambiguous'],
    [
      'two Transfer-Encodings',
      [host, ['Transfer-Encoding', 'chunked'], ['transfer-encoding', 'chunked']],
      '1.1',
      400,
      'header-duplicate',
    ],
    [
      'G019 a length beside chunks',
      [host, ['Content-Length', '0'], ['Transfer-Encoding', 'chunked']],
      '1.1',
      400,
      'framing-ambiguous',
    ],
    [
      'two Content-Lengths',
      [host, ['Content-Length', '1'], ['Content-Length', '1']],
      '1.1',
      400,
      'header-duplicate',
    ],
    ['a signed Content-Length', [host, ['Content-Length', '+5']], '1.1', 400, 'framing-ambiguous'],
    ['a hexadecimal Content-Length', [host, ['Content-Length', '0x5']], '1.1', 400, 'framing-ambiguous'],
    [
      'a Content-Length with a leading zero',
      [host, ['Content-Length', '05']],
      '1.1',
      400,
      'framing-ambiguous',
    ],
    ['an empty Content-Length', [host, ['Content-Length', '']], '1.1', 400, 'framing-ambiguous'],
    ['a list of Content-Lengths', [host, ['Content-Length', '5, 5']], '1.1', 400, 'framing-ambiguous'],
    ['D008 an unknown Expect', [host, ['Expect', 'foo']], '1.1', 417, 'expect-unknown'],
    [
      'D022 a Connection that lists a header',
      [host, ['Connection', 'close, authorization']],
      '1.1',
      400,
      'connection-option',
    ],
    [
      'D022 a Connection that lists a header in a second line',
      [host, ['Connection', 'close'], ['Connection', 'X-Gw']],
      '1.1',
      400,
      'connection-option',
    ],
    [
      'two Authorizations',
      [host, ['Authorization', 'Bearer a'], ['authorization', 'Bearer b']],
      '1.1',
      400,
      'header-duplicate',
    ],
    [
      'two X-Registry-Auths',
      [host, ['X-Registry-Auth', 'e30='], ['x-registry-auth', 'e30=']],
      '1.1',
      400,
      'header-duplicate',
    ],
    [
      'C001 a urlencoded body',
      [host, ['Content-Type', 'application/x-www-form-urlencoded']],
      '1.1',
      415,
      'form-body',
    ],
    [
      'C001 a urlencoded body in another case and with a parameter',
      [host, ['Content-Type', 'Application/X-WWW-Form-Urlencoded; a=b']],
      '1.1',
      415,
      'form-body',
    ],
    [
      'C007 a multipart body',
      [host, ['Content-Type', 'multipart/form-data; boundary=x']],
      '1.1',
      415,
      'form-body',
    ],
    [
      'a Content-Type with a tab (CVE-2026-25223)',
      [host, ['Content-Type', 'application/json\ta']],
      '1.1',
      415,
      'content-type-malformed',
    ],
    [
      'A025 another charset',
      [host, ['Content-Type', 'application/json; charset=utf-16']],
      '1.1',
      415,
      'content-type-malformed',
    ],
    [
      'two media types',
      [host, ['Content-Type', 'application/json, text/plain']],
      '1.1',
      415,
      'content-type-malformed',
    ],
  ] as [string, [string, string][], string, number, string][])(
    'refuses %s',
    (_, headers, version, status, reason) => {
      const refused = refusal(() => read(headers, version));
      expect([refused.status, refused.reason]).toEqual([status, reason]);
      expect(refused.publicMessage).toMatch(/^quaywarden: .+ \[[a-z-]+\]$/);
    },
  );

  it('D012 knows no upgrade unless Connection asks for it too', () => {
    expect(read([host, ['Upgrade', 'tcp']]).upgrade).toBeUndefined();
    expect(read([host, ['Upgrade', 'tcp'], ['Connection', 'keep-alive']]).upgrade).toBeUndefined();
    expect(read([host, ['Upgrade', 'TCP'], ['Connection', 'keep-alive, Upgrade']]).upgrade).toBe('tcp');
    expect(read([host, ['Connection', 'upgrade']]).upgrade).toBeUndefined();
  });

  it('takes application/json with the charset that JSON has anyway', () => {
    for (const value of [
      'application/json',
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
    ]) {
      expect(read([host, ['Content-Type', value]]).contentType).toBe('application/json');
    }
  });
});
