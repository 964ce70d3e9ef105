import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Concealer } from '../../src/audit/concealer.ts';
import { printable } from '../../src/audit/printable.ts';
import { readContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';

const KEY = Buffer.alloc(32, 7);
const conceal = new Concealer(KEY);
const mac = (text: string): string => `hmac-sha256:${createHmac('sha256', KEY).update(text).digest('hex')}`;

const content = (target: string, body: object) =>
  readContent(
    parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 }),
    Buffer.from(JSON.stringify(body)),
  );

describe('a query', () => {
  it.each([
    ['all=1', 'all=1'],
    ['t=a&buildargs=%7B%22PW%22%3A%22s3cret%22%7D&q=1', `t=a&buildargs={"PW":"${mac('s3cret')}"}&q=1`],
    ['buildargs=%7Bs3cret', `buildargs=${mac('{s3cret')}`],
    ['%62uildargs=s3cret', `%62uildargs=${mac('s3cret')}`],
    [
      'BuildArgs=s3cret;remote=https://u:s3cret@h/x',
      `BuildArgs=${mac('s3cret')};remote=${mac('https://u:s3cret@h/x')}`,
    ],
    ['fromSrc=https%3A%2F%2Fu%3As3cret%40h', `fromSrc=${mac('https://u:s3cret@h')}`],
    ['name=web&Env=PW%3Ds3cret', `name=web&Env=${mac('PW=s3cret')}`],
    ['token=s3cret&password=s3cret', `token=${mac('s3cret')}&password=${mac('s3cret')}`],
    ['remote=https://u:s3;cret@h&q', `remote=${mac('https://u:s3')};${mac('cret@h')}&q`],
    ['s3cret', mac('s3cret')],
    ['&&', '&&'],
    ['%zz=%zz', `%zz=${mac('%zz')}`],
  ])('%s', (query, expected) => {
    expect(conceal.query(query)).toBe(expected);
  });
});

describe('a body', () => {
  it('shows names of variables and no values, whatever the API calls the field', () => {
    const body = content('/v1.41/containers/create', {
      Image: 'busybox',
      Env: ['A=s3cret', 'EMPTY=', 'TAKEN_OVER'],
      HostConfig: {
        LogConfig: { Type: 'splunk', Config: { 'splunk-token': 's3cret' } },
        Mounts: [
          { Type: 'volume', VolumeOptions: { DriverConfig: { Name: 'local', Options: { o: 's3cret' } } } },
        ],
        Memory: 64,
      },
    });
    const shown = conceal.body(body);
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown).toMatchObject({
      Image: 'busybox',
      Env: [`A=${mac('s3cret')}`, `EMPTY=${mac('')}`, mac('TAKEN_OVER')],
      HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': mac('s3cret') } }, Memory: 64 },
    });
  });

  it.each([
    ['/v1.41/secrets/create', { Name: 'a', Data: 'czNjcmV0' }],
    ['/v1.41/configs/create', { Name: 'a', Data: 'czNjcmV0' }],
    ['/v1.41/auth', { username: 'u', password: 'czNjcmV0', identitytoken: 'czNjcmV0' }],
    ['/v1.41/swarm/join', { RemoteAddrs: ['a:1'], JoinToken: 'czNjcmV0' }],
    ['/v1.41/swarm/unlock', { UnlockKey: 'czNjcmV0' }],
    ['/v1.41/volumes/create', { Name: 'a', DriverOpts: { o: 'password=czNjcmV0' } }],
    ['/v1.41/containers/x/exec', { Cmd: ['id'], Env: ['A=czNjcmV0'] }],
    ['/v1.41/containers/create', { Image: 'a', Envs: ['A=czNjcmV0'] }],
  ])('of %s shows no secret', (target, body) => {
    const shown = JSON.stringify(conceal.body(content(target, body)));
    expect(shown).not.toContain('czNjcmV0');
    expect(shown).toContain('hmac-sha256:');
  });

  it('that is long is not kept, and its digest tells it all the same', () => {
    const long = content('/v1.41/containers/create', { Image: 'a', Cmd: ['x'.repeat(70_000)] });
    expect(conceal.body(long)).toBe('[too large]');
    expect(conceal.digest(long)).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(conceal.digest(long)).toBe(conceal.digest({ ...long }));
  });
});

describe('an answer', () => {
  it('shows no values of variables, tokens, keys, options', () => {
    const shown = conceal.answer(
      Buffer.from(
        JSON.stringify({
          Config: { Env: ['A=s3cret'], Cmd: ['sh'] },
          HostConfig: { LogConfig: { Type: 'x', Config: { token: 's3cret' } } },
          JoinTokens: { Worker: 's3cret' },
          Spec: { Data: 's3cret', Driver: { Options: { a: 's3cret' } } },
          IdentityToken: 's3cret',
          UnlockKey: 's3cret',
          History: [{ CreatedBy: '|1 PW=s3cret sh' }],
        }),
      ),
    );
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown).toMatchObject({ Config: { Env: [`A=${mac('s3cret')}`], Cmd: ['sh'] } });
  });

  it('that is no JSON, or long, is not kept', () => {
    expect(conceal.answer(Buffer.from('{'))).toBeUndefined();
    expect(conceal.answer(Buffer.alloc(70_000, ' '))).toBe('[too large]');
  });
});

it('an error text says nothing that was secret in the request', () => {
  const body = content('/v1.41/containers/create', { Image: 'a', Env: ['A=s3cret', 'B=ab'] });
  expect(conceal.error('invalid A=s3cret at https://u:pw@host/x, drab', body)).toBe(
    'invalid A=[concealed] at https://[concealed]@host/x, drab',
  );
});

it('printable escapes what is not plain ASCII and cuts what is long', () => {
  expect(printable('a\tb\x1b[31m', 100)).toBe('a\\u0009b\\u001b[31m');
  expect(printable('abcdef', 5)).toBe('ab...');
  expect(printable('abcde', 5)).toBe('abcde');
});
