import { describe, expect, it } from 'vitest';
import {
  CEILING,
  capApiVersion,
  capVersionBody,
  checkVersion,
  FLOOR,
  isVersionSegment,
  minorOf,
  parseVersion,
} from '../../src/docker/versions.ts';
import { refusalOf } from './refusing.ts';

const range = { floor: FLOOR, ceiling: CEILING };

describe('API versions', () => {
  it('are read from a path in the form v1.N only', () => {
    expect(parseVersion('v1.41')).toBe(41);
    expect(parseVersion('v1.0')).toBe(0);
    expect(parseVersion('v1.100')).toBe(100);
  });

  it.each([
    'v1',
    'v1.',
    'v.1.41',
    'v1..41',
    'v1.41.0.0',
    'v01.41',
    'v1.041',
    'V1.41',
    'v2.41',
    'v9.99',
    'v1.41x',
    'v1.1000',
  ])('are refused in the form %s (B011)', (segment) => {
    expect(isVersionSegment(segment)).toBe(true);
    expect(refusalOf(() => parseVersion(segment))).toEqual({
      status: 400,
      reason: 'version-malformed',
      message: 'the API version in the path must have the form v1.N, as in /v1.41/info',
      field: 'version',
    });
  });

  it.each(['version', 'volumes', 'v', 'x1.41', 'xv1.41', ''])('are not meant by %s', (segment) => {
    expect(isVersionSegment(segment)).toBe(false);
  });

  it('are accepted from the floor to the ceiling', () => {
    expect(() => checkVersion(24, range)).not.toThrow();
    expect(() => checkVersion(56, range)).not.toThrow();
  });

  it('are refused below the floor, in the words of the Engine (B013)', () => {
    expect(refusalOf(() => checkVersion(23, range))).toEqual({
      status: 403,
      reason: 'version-below-floor',
      message:
        'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
      field: 'version',
    });
  });

  it('are refused above the ceiling, with what to do', () => {
    expect(refusalOf(() => checkVersion(57, range))).toEqual({
      status: 400,
      reason: 'version-above-ceiling',
      message:
        'client version 1.57 is too new. Maximum supported API version is 1.56; set DOCKER_API_VERSION=1.56 or let the client negotiate',
      field: 'version',
    });
  });

  it('are taken apart for the configuration', () => {
    expect(minorOf('1.24')).toBe(24);
    expect(() => minorOf('1.024')).toThrow(new RangeError('"1.024" is not an API version of the form 1.N'));
  });
});

describe('the Api-Version header of /_ping', () => {
  it.each([
    ['1.57', '1.56'],
    ['1.100', '1.56'],
    ['1.56', '1.56'],
    ['1.41', '1.41'],
    ['2.0', '2.0'],
    ['', ''],
  ])('%s becomes %s', (version, capped) => {
    expect(capApiVersion(version, range)).toBe(capped);
  });
});

describe('the reply to /version', () => {
  const reply = (top: object, details: object) =>
    Buffer.from(
      `${JSON.stringify({
        Platform: { Name: '' },
        Components: [
          { Name: 'Engine', Version: '30.0', Details: { ...details, Os: 'linux' } },
          { Name: 'containerd', Version: '2', Details: { ApiVersion: '1.99' } },
        ],
        Version: '30.0',
        ...top,
        Arch: 'amd64',
      })}\n`,
    );

  it('has its versions brought into the range, and nothing else changed', () => {
    const both = { ApiVersion: '1.60', MinAPIVersion: '1.12' };
    const capped = { ApiVersion: '1.56', MinAPIVersion: '1.24' };
    expect(capVersionBody(reply(both, both), range).toString()).toBe(reply(capped, capped).toString());
  });

  it('has them brought into it at the top alone too', () => {
    const inside = { ApiVersion: '1.41', MinAPIVersion: '1.24' };
    expect(capVersionBody(reply({ ...inside, MinAPIVersion: '1.12' }, inside), range).toString()).toBe(
      reply(inside, inside).toString(),
    );
  });

  it('keeps numbers that JavaScript would round', () => {
    const body = Buffer.from('{"ApiVersion":"1.60","N":9223372036854775807}');
    expect(capVersionBody(body, range).toString()).toBe('{"ApiVersion":"1.56","N":9223372036854775807}\n');
  });

  it.each([
    ['that is in the range', '{ "ApiVersion" : "1.41" , "MinAPIVersion" : "1.24" }'],
    ['without versions', '{"Components":[null,{"Name":"Engine"},3]}'],
    ['whose versions are not versions', '{"ApiVersion":"9","MinAPIVersion":7}'],
    ['that is no object', '[]'],
    ['that is no JSON', '<html>'],
  ])('%s is returned as the same bytes', (_, text) => {
    const body = Buffer.from(text);
    expect(capVersionBody(body, range)).toBe(body);
  });

  it('that is not UTF-8 is returned as the same bytes', () => {
    const body = Buffer.from('{"ApiVersion":"1.60","Name":"\xff"}', 'latin1');
    expect(capVersionBody(body, range)).toBe(body);
  });
});
