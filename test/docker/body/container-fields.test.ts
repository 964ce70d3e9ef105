import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTAINER_BODIES, LEGACY_START } from '../../../src/docker/body/models/container-bodies.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { fieldsOf } from './paths.ts';

/**
 * Names of fields, and the minors of the first and last API version that have them: `moby`, as the Go types of
 * Engines 1.12 to 29 decode them (the newest type; eleven releases were looked at, so `first` may be late); `api`, as
 * the published descriptions 1.25 to 1.56 say.
 */
const rows = readFileSync('test/data/container-body-fields.tsv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'))
  .map(([operation = '', field = '', source = '', type = '', first, last]) => {
    return { operation, field, source, type, first: Number(first), last: Number(last) };
  });
const of = (operation: string, source: string) =>
  rows.filter((row) => row.operation === operation && row.source === source);
const compared = [...new Set(rows.map(({ operation }) => operation))];

const bodyOf = (operation: string): BodyType => {
  const body = CONTAINER_BODIES[operation];
  if (body === undefined) throw new Error(`no body of ${operation}`);
  return body;
};

/** A type in the words of the table. */
function typeName(type: BodyType): string {
  switch (type.kind) {
    case 'array':
      return `[]${typeName(type.of)}`;
    case 'map':
      return `{}${typeName(type.of)}`;
    case 'struct':
      return Object.keys(type.fields).length === 0 ? 'empty' : 'object';
    case 'int': {
      const [least = 0n, most = 0n] = type.range ?? [];
      return `${least < 0n ? 'int' : 'uint'}${most.toString(2).length + (least < 0n ? 1 : 0)}`;
    }
    default:
      return type.kind;
  }
}

/** Read by Docker 1.13 and 17.x and never published: a program of the host, which is to be refused. */
const INIT_PATH = 'HostConfig.InitPath';
/** Published, and read by no Engine: a misprint in 1.27, and a field of HostConfig that ContainerUpdate does not have. */
const UNREAD = /^(HostConfig\.)?NanoCPUs$|^Init$/;

describe('the bodies of the container operations', () => {
  it.each(compared)('have each field that Engines read, of the type they read: %s', (operation) => {
    const fields = [...fieldsOf(bodyOf(operation))].filter(([, { type }]) => type.kind !== 'ignored');
    const wanted = of(operation, 'moby').filter(({ field }) => field !== INIT_PATH);
    expect(Object.fromEntries(fields.map(([path, { type }]) => [path, typeName(type)]))).toEqual(
      Object.fromEntries(wanted.map(({ field, type }) => [field, type])),
    );
  });

  it.each(compared)('have each field that the published descriptions name: %s', (operation) => {
    const have = fieldsOf(bodyOf(operation));
    const missing = of(operation, 'api').filter(({ field }) => !have.has(field) && !UNREAD.test(field));
    expect(missing).toEqual([]);
  });

  it.each(compared)('read no field in another version than the published descriptions: %s', (operation) => {
    const have = fieldsOf(bodyOf(operation));
    for (const { field, first, last } of of(operation, 'api')) {
      const { since = first, removed = last + 1 } = have.get(field) ?? {};
      expect([field, since, removed]).toEqual([field, first, last + 1]);
    }
  });

  // moby, api/server/router/container/container_routes.go: these alone are refused in older versions, by every
  // Engine that has them. Engines that have it read any other in any version, or drop it.
  it('know three fields of HostConfig in some versions only, all others in all', () => {
    const bounded = compared.flatMap((operation) =>
      [...fieldsOf(bodyOf(operation))]
        .filter(([, { since, removed }]) => since !== undefined || removed !== undefined)
        .map(([path, { since, removed }]) => [path, since, removed]),
    );
    expect(bounded).toEqual([
      ['HostConfig.Mounts[].BindOptions.ReadOnlyForceRecursive', 44, undefined],
      ['HostConfig.Mounts[].VolumeOptions.Subpath', 45, undefined],
      ['HostConfig.Capabilities', 40, 41],
    ]);
  });

  it.each([
    [
      'ContainerCreate',
      ['Env', 'HostConfig.LogConfig.Config', 'HostConfig.Mounts[].VolumeOptions.DriverConfig.Options'],
    ],
    ['ContainerUpdate', []],
    ['ContainerExec', ['Env']],
    ['ExecStart', []],
    ['ImageCommit', ['Env']],
    ['ContainerCheckpointCreate', []],
    ['SystemAuth', ['auth', 'identitytoken', 'password', 'registrytoken']],
  ])('of %s say which fields are secrets', (operation, secrets) => {
    const marked = [...fieldsOf(bodyOf(operation))].filter(([, { secret }]) => secret === true);
    expect(marked.map(([path]) => path).sort()).toEqual(secrets);
  });

  it.each(compared)('say of every field what it means, in half a sentence: %s', (operation) => {
    for (const [path, { means }] of fieldsOf(bodyOf(operation))) {
      expect([path, means]).toEqual([path, expect.stringMatching(/^\S.{2,120}[^.\s]$/)]);
    }
  });

  it('have none of the fields of HostConfig at the top level (A011)', () => {
    const hostConfig = [...fieldsOf(LEGACY_START).keys()].filter((path) => !path.includes('.'));
    expect(hostConfig.length).toBeGreaterThan(70);
    expect(hostConfig.filter((name) => fieldsOf(bodyOf('ContainerCreate')).has(name))).toEqual([]);
  });
});
