import { describe, expect, it } from 'vitest';
import { readContent, writeContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { refusalOf } from './refusing.ts';

const api = (method: string, target: string) =>
  parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
const read = (text: string) => readContent(api('POST', '/v1.41/containers/create'), Buffer.from(text));

describe('a JSON body', () => {
  it('is read by the model of its operation and written in one spelling', () => {
    const content = read(' { "Tty" : true , "Image" : "x" , "New" : 1 } ');
    expect(content).toMatchObject({ value: { Image: 'x', Tty: true }, unknown: ['New'], hints: {} });
    expect(writeContent(content).toString()).toBe('{"Tty":true,"Image":"x","New":1}');
  });

  it('is refused where it has two readings, with the place', () => {
    expect(refusalOf(() => read('{"HostConfig":{"Binds":[x]}}'))).toEqual({
      status: 400,
      reason: 'body-json',
      message:
        'the body is not JSON that has one reading: a value was expected at character 25, in HostConfig.Binds[0]',
      field: 'HostConfig.Binds[0]',
    });
    expect(refusalOf(() => read('{} {}'))).toEqual({
      status: 400,
      reason: 'body-json',
      message: 'the body is not JSON that has one reading: something follows the value at character 4',
      field: undefined,
    });
  });

  it('is refused, as a fault of the gateway, where nobody has written a model of it', () => {
    expect(refusalOf(() => readContent(api('GET', '/v1.41/info'), Buffer.from('{}')))).toEqual({
      status: 500,
      reason: 'internal-error',
      message: 'the gateway has no model of the body of SystemInfo',
      field: undefined,
    });
  });
});
