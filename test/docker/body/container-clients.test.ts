import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTAINER_BODIES } from '../../../src/docker/body/models/container-bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { JsonNumber, type JsonValue, parseJson } from '../../../src/docker/strict-json.ts';

/**
 * What real clients sent, with every option they have, through a recording proxy to an Engine 20.10, or to one that
 * only said it speaks 1.51. `go-types` is every field of the Engines' own types, encoded by Go.
 */
const DIRECTORY = 'test/data/bodies';
const FILE = /^container-(.+)\.jsonl$/;

interface Sent {
  readonly client: string;
  readonly line: number;
  readonly request: string;
  readonly body: string;
}

const sent: readonly Sent[] = readdirSync(DIRECTORY).flatMap((file) => {
  const client = FILE.exec(file)?.[1];
  if (client === undefined) return [];
  const lines = readFileSync(`${DIRECTORY}/${file}`, 'utf8').trim().split('\n');
  return lines.map((line, index) => ({ client, line: index + 1, ...JSON.parse(line) }) as Sent);
});

function understood({ request, body }: Sent) {
  const [method = '', target = ''] = request.split(' ');
  const { operation, version } = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 56 });
  const type = CONTAINER_BODIES[operation.id];
  if (type === undefined) throw new Error(`no body of ${operation.id}`);
  return { id: operation.id, type, read: (text = body) => readBodyAs(type, parseJson(text), version) };
}

/** What docker-py spells its own way. */
const SPELLED: ReadonlyMap<string, string> = new Map([
  ['detachKeys', 'DetachKeys'],
  ['CPURealtimePeriod', 'CpuRealtimePeriod'],
  ['CPURealtimeRuntime', 'CpuRealtimeRuntime'],
]);

/** What libraries send along though it is in the path or the query, and fields of long ago, not set. */
const DROPPED: Readonly<Record<string, RegExp>> = {
  ContainerCreate: /^(name|platform|VolumesFrom|HostConfig\.(MaximumIOps|MaximumIOBps|LxcConf))$/,
  ContainerExec: /^Container$/,
  ExecStart: /^(hijack|stdin|stdout|stderr|stream)$/,
  ImageCommit: /^(container|repo|tag|comment|author|pause|changes)$/,
};

/** Where Go takes a bare string for an array of it. */
const BARE = /^(Cmd|Entrypoint|Shell)$/;

/** The meaning of a body: what is left without null, which is "not given"; numbers as they are written. */
function meaning(value: JsonValue, dropped: RegExp, path = ''): unknown {
  if (value instanceof JsonNumber) return { number: value.text };
  if (Array.isArray(value)) return value.map((item) => meaning(item, dropped, `${path}[]`));
  if (typeof value === 'string' && BARE.test(path)) return [value];
  if (!(value instanceof Map)) return value ?? (path === '' ? {} : value);
  const members = [...value].flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (dropped.test(at)) return [];
    if (member === null) return path === 'HostConfig.PortBindings' ? [[name, []]] : [];
    return [[SPELLED.get(name) ?? name, meaning(member, dropped, at)]];
  });
  return Object.fromEntries(members);
}

describe('a body that a client sent', () => {
  it('is there of every operation on containers, from one client and from Go', () => {
    const ids = (among: readonly Sent[]) => [...new Set(among.map((each) => understood(each).id))].sort();
    const all = Object.keys(CONTAINER_BODIES).sort();
    expect(ids(sent.filter(({ client }) => client !== 'go-types'))).toEqual(all);
    expect(ids(sent.filter(({ client }) => client === 'go-types'))).toEqual(all);
  });

  it.each(sent)('is known whole: $client, line $line', (each) => {
    const initPath = each.body.includes('"InitPath":"x"') ? ['HostConfig.InitPath'] : [];
    expect(understood(each).read().unknown).toEqual(initPath);
  });

  it.each(sent)('is written with the meaning it came with: $client, line $line', (each) => {
    const { id, type, read } = understood(each);
    const written = writeBody(type, read().value);
    const dropped = DROPPED[id] ?? /^$/;
    expect(meaning(parseJson(written), /^$/)).toEqual(meaning(parseJson(each.body), dropped));
  });

  it.each(sent)('is written the same when it is read again: $client, line $line', (each) => {
    const { type, read } = understood(each);
    const written = writeBody(type, read().value);
    expect(writeBody(type, read(written).value)).toBe(written);
  });
});
