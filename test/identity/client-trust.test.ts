import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClientTrust } from '../../src/identity/client-trust.ts';
import { type Authority, createCa, type Issued } from '../support/pki.ts';

const DAY = 86_400_000;

let root: Authority;
let other: Authority;
let between: Authority;
let leaf: Issued;

beforeAll(async () => {
  root = await createCa({ cn: 'Root' });
  other = await createCa({ cn: 'Other' });
  between = await root.intermediate({ cn: 'Between' });
  leaf = await root.issue();
});

/** PEM of certificates alone, without those that come along. */
function bundle(...cas: readonly Pick<Issued, 'x509'>[]): Buffer {
  return Buffer.from(cas.map(({ x509 }) => x509.toString()).join('\n'));
}

/** Whether a connection that was made under some CAs has outlived them under others, as is asked at that time. */
function outlives(
  { x509 }: Issued,
  before: Buffer,
  after: Buffer,
  times: readonly number[] = [Date.now()],
): readonly boolean[] {
  const trust = new ClientTrust();
  trust.use(before);
  const connection = {} as never;
  trust.connected(connection);
  const cas = trust.verifiedBy({ _parent: connection } as unknown as TLSSocket);
  expect(trust.isCurrent(cas)).toBe(true);
  expect(trust.use(after)).toBe(!before.equals(after));
  return times.map((now) => trust.outlives(x509, cas, now));
}

describe('a connection outlives the CAs that its certificate was verified against', () => {
  it('when its root is gone', () => {
    expect(outlives(leaf, bundle(root, other), bundle(other))).toEqual([true]);
  });

  it('when its root is gone and what is between stays', async () => {
    const below = await between.issue();
    expect(outlives(below, bundle(root, between), bundle(between, other))).toEqual([true]);
    expect(outlives(below, bundle(root, between), bundle(root, other))).toEqual([true]);
  });

  it('when it sent what is between, which nobody has any more', async () => {
    const below = await between.issue();
    expect(outlives(below, bundle(root), bundle(root, other))).toEqual([true]);
    const deeper = await between.intermediate({ cn: 'Deeper' });
    const at = bundle(root, deeper);
    expect(outlives(await deeper.issue(), at, Buffer.concat([at, bundle(other)]))).toEqual([true]);
  });

  it('when its CA is renewed: another certificate of that key may forbid what the first did not', async () => {
    const renewed = await root.renew(root);
    expect(outlives(leaf, bundle(root), bundle(renewed))).toEqual([true]);
    expect(outlives(leaf, bundle(root, renewed), bundle(renewed))).toEqual([true]);
  });

  it('when a CA of it expires, whatever was asked before', async () => {
    const ends = Date.now() + 5 * DAY;
    const short = await createCa({ cn: 'Short', notAfter: new Date(ends) });
    const certificate = await short.issue();
    const times = [ends - DAY, ends + DAY, ends - DAY];
    expect(outlives(certificate, bundle(short), bundle(short, other), times)).toEqual([false, true, false]);
  });

  it('when nobody knows what it was verified against', () => {
    const trust = new ClientTrust();
    trust.use(bundle(root));
    const cas = trust.verifiedBy({ _parent: {} } as unknown as TLSSocket);
    expect(trust.isCurrent(cas)).toBe(false);
    expect(trust.outlives(leaf.x509, cas, Date.now())).toBe(true);
  });
});

describe('a connection goes on', () => {
  it('whatever else is there: a root that has expired, a certificate of its CA by a root that is not', async () => {
    const more = Buffer.from(bundle(other));
    const past = { notBefore: new Date(Date.now() - 9 * DAY), notAfter: new Date(Date.now() - DAY) };
    const old = { x509: (await root.renew(root, past)).x509 };
    expect(outlives(leaf, bundle(old, root), Buffer.concat([bundle(old, root), more]))).toEqual([false]);
    const below = await between.issue();
    const cross = await other.renew(between);
    const at = bundle(root, between, cross);
    expect(outlives(below, at, Buffer.concat([at, more]))).toEqual([false]);
  });

  it('when all that its certificate may have been verified against stays', async () => {
    expect(outlives(leaf, bundle(root), bundle(other, root))).toEqual([false]);
    expect(outlives(leaf, bundle(root, other), bundle(root))).toEqual([false]);
    const below = await between.issue();
    expect(outlives(below, bundle(root, between, other), bundle(between, root))).toEqual([false]);
  });

  it('when nothing is another', () => {
    expect(outlives(leaf, bundle(root), bundle(root))).toEqual([false]);
  });

  it('that was made without TLS', () => {
    expect(new ClientTrust().outlives(leaf.x509, undefined, Date.now())).toBe(false);
    expect(new ClientTrust().isCurrent(undefined)).toBe(true);
  });
});
