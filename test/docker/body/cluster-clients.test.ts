import { describe, expect, it } from 'vitest';
import { CLUSTER_BODIES } from '../../../src/docker/body/models/cluster-bodies.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { SENT, understood } from './cluster-sent.ts';

/** What docker-py spells in small letters. */
const SPELLED: Readonly<Record<string, string>> = { replicated: 'Replicated', global: 'Global' };

/** Zero values that are sent to versions without the field, and dropped there: the first version that has it. */
const SINCE: Readonly<Record<string, number>> = { 'EnableIPv4:false': 48, 'Config:': 40 };

/** The meaning of a body: without null, which is "not given", and what dockerode repeats of the query. */
function meaning(value: unknown, version: number, root = true): unknown {
  if (Array.isArray(value)) return value.map((item) => meaning(item, version, false));
  if (typeof value !== 'object' || value === null) return root ? [] : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member !== null && !(root && /^(version|rotateWorkerToken)$/.test(name)))
      .filter(([name, member]) => Array.isArray(member) || (SINCE[`${name}:${member}`] ?? 0) <= version)
      .map(([name, member]) => [SPELLED[name] ?? name, meaning(member, version, false)]),
  );
}

describe('a body that a client sent', () => {
  it('is there of every operation of the cluster, from one client at least', () => {
    const seen = new Set(SENT.map((each) => understood(each).operation.id));
    expect([...seen].sort()).toEqual(Object.keys(CLUSTER_BODIES).sort());
  });

  it.each(SENT)('is known whole: $client, line $line: $request', (each) => {
    expect(understood(each).read().unknown).toEqual([]);
  });

  it.each(SENT)('is written with the meaning it came with: $client, line $line: $request', (each) => {
    const { type, version, read } = understood(each);
    const written = writeBody(type, read().value);
    expect(JSON.parse(written)).toEqual(meaning(JSON.parse(each.body), version));
    expect(writeBody(type, read(written).value)).toBe(written);
  });
});
