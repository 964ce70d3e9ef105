import { describe, expect, it } from 'vitest';
import { rewriteCredentials } from '../../src/docker/registry-credentials.ts';
import { refusalOf } from './refusing.ts';

const encode = (text: string, alphabet: BufferEncoding = 'base64') => Buffer.from(text).toString(alphabet);
const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64url').toString();

describe('credentials for registries in a header', () => {
  it('are written anew: the API’s fields in their order, in base64 for URLs with padding', () => {
    const rewritten = rewriteCredentials('x-registry-auth', encode(' {"password":"p>?","username":"u" }'));
    expect(decode(rewritten)).toBe('{"username":"u","password":"p>?"}');
    expect(rewritten).toMatch(/^[A-Za-z0-9_-]+=*$/);
    expect((rewritten?.length ?? 0) % 4).toBe(0);
  });

  it.each(['', 'u', 'us', 'use'])('are padded to whole groups of four: %j', (username) => {
    const text = `{"username":"${username}x"}`;
    const rewritten = rewriteCredentials('x-registry-auth', encode(text));
    expect(rewritten).toBe(encode(text));
  });

  it.each(['base64', 'base64url'] as const)('are read in %s', (alphabet) => {
    const text = '{"auth":"\u00ff\u00fe>>>???"}';
    expect(decode(rewriteCredentials('x-registry-auth', encode(text, alphabet)))).toBe(text);
  });

  it('are read by names in any case, as docker-py writes them with a credential store', () => {
    expect(decode(rewriteCredentials('x-registry-auth', encode('{"IdentityToken":"t"}')))).toBe(
      '{"identitytoken":"t"}',
    );
  });

  it('are one set for each registry in X-Registry-Config', () => {
    const text = '{"reg:5000":{"username":"u"},"Reg":{}}';
    expect(decode(rewriteCredentials('x-registry-config', encode(text)))).toBe(text);
  });

  it('are refused where X-Registry-Config holds one set without its registry', () => {
    const text = encode('{"username":"u"}');
    expect(refusalOf(() => rewriteCredentials('x-registry-config', text)).message).toBe(
      'the header x-registry-config does not hold credentials: it holds a field that is given twice or is of the wrong type',
    );
  });

  it('are read by names in any case in X-Registry-Config too', () => {
    const text = encode('{"Reg":{"UserName":"u"}}');
    expect(decode(rewriteCredentials('x-registry-config', text))).toBe('{"Reg":{"username":"u"}}');
  });

  it.each(['', encode('null')])('are none in %j', (text) => {
    expect(rewriteCredentials('x-registry-auth', text)).toBeUndefined();
  });

  it.each([
    ['{"a":1}', 'it is not base64'],
    ['a b', 'it is not base64'],
    [encode('{"password":"secret"'), 'it is not JSON that has one reading'],
    [encode('{"password":"secret","password":"secret"}'), 'it is not JSON that has one reading'],
    [encode('{"password":"secret","Password":"secret"}'), 'twice or is of the wrong type'],
    [encode('{"pa\u017f\u017fword":"secret","password":""}'), 'twice or is of the wrong type'],
    [encode('{"password":1}'), 'twice or is of the wrong type'],
    [encode('{"secret":"secret"}'), 'it holds a field that the API does not have'],
    [encode('["secret"]'), 'twice or is of the wrong type'],
    [encode('"secret"'), 'twice or is of the wrong type'],
  ])('are refused as %j without a word of what they hold', (text, sentence) => {
    const refusal = refusalOf(() => rewriteCredentials('x-registry-auth', text));
    expect(refusal).toMatchObject({ status: 400, reason: 'registry-credentials', field: 'x-registry-auth' });
    expect(refusal.message).toContain(sentence);
    expect(refusal.message).not.toContain('secret');
  });
});
