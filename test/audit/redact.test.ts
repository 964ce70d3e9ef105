import { describe, expect, it } from 'vitest';
import { printable, redactTarget } from '../../src/audit/redact.ts';

describe('redactTarget', () => {
  it.each([
    ['/v1.41/containers/json?all=1', '/v1.41/containers/json?all=1'],
    [
      '/v1.41/build?t=a&buildargs=%7B%22PW%22%3A%22s3cret%22%7D&q=1',
      '/v1.41/build?t=a&buildargs=[redacted]&q=1',
    ],
    ['/v1.41/build?%62uildargs=s3cret', '/v1.41/build?%62uildargs=[redacted]'],
    [
      '/v1.41/build?BuildArgs=s3cret;remote=https://u:s3cret@h/x',
      '/v1.41/build?BuildArgs=[redacted];remote=[redacted]',
    ],
    ['/v1.41/images/create?fromSrc=https%3A%2F%2Fu%3As3cret%40h', '/v1.41/images/create?fromSrc=[redacted]'],
    ['/v1.41/containers/create?name=web&Env=PW%3Ds3cret', '/v1.41/containers/create?name=web&Env=[redacted]'],
    ['/x?token=s3cret&password=s3cret', '/x?token=[redacted]&password=[redacted]'],
    ['https://user:s3cret@gateway/info', 'https://[redacted]@gateway/info'],
    ['https://user:s3@cret@gateway/info?all=1', 'https://[redacted]@gateway/info?all=1'],
    ['//user:s3cret@gateway/info', '//[redacted]@gateway/info'],
    ['user:s3cret@gateway:443', '[redacted]@gateway:443'],
    ['/v1.41/images/a@sha256:0/json', '/v1.41/images/a@sha256:0/json'],
    ['/v1.41/build?remote=https://u:s3;cret@h&q', '/v1.41/build?remote=[redacted];[redacted]&q'],
    ['/v1.41/build?s3cret', '/v1.41/build?[redacted]'],
    ['/v1.41/build?&&', '/v1.41/build?&&'],
    ['/%zz?%zz=%zz', '/%zz?%zz=[redacted]'],
    ['', ''],
  ])('%s becomes %s', (target, expected) => {
    expect(redactTarget(target)).toBe(expected);
  });

  it('keeps one line one line, and a bounded one', () => {
    expect(redactTarget('/a\r\n{"fake":1}\u2028é')).toBe('/a\\u000d\\u000a{"fake":1}\\u2028\\u00e9');
    const long = redactTarget(`/${'a'.repeat(100_000)}`);
    expect(long).toBe(`/${'a'.repeat(2_044)}...`);
    expect(redactTarget(`/${'\u2028'.repeat(2_000)}`)).toHaveLength(2_048);
    expect(redactTarget(`/${'a'.repeat(2_047)}`)).toBe(`/${'a'.repeat(2_047)}`);
  });
});

it('printable escapes what is not plain ASCII and cuts what is long', () => {
  expect(printable('a\tb\x1b[31m', 100)).toBe('a\\u0009b\\u001b[31m');
  expect(printable('abcdef', 5)).toBe('ab...');
  expect(printable('abcde', 5)).toBe('abcde');
});
