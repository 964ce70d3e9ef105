import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TENANT_LABEL } from '../../../src/tenancy/labels.ts';
import { EVERYTHING, linesView, real, sightOf } from './sight.ts';

const { keep } = linesView('SystemEvents');
const LINES = real('SystemEvents').trimEnd().split('\n');

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}
const EVENTS = LINES.map((line) => JSON.parse(line) as Event);
const containersOf = (tenant: string) =>
  EVENTS.filter(({ Type, Actor }) => Type === 'container' && Actor.Attributes[TENANT_LABEL] === tenant).map(
    ({ Actor }) => Actor.ID,
  );
const idsNamed = (pattern: RegExp) =>
  EVENTS.filter(({ Actor }) => pattern.test(Actor.Attributes['name'] ?? '')).map(({ Actor }) => Actor.ID);

const kept = async (lines: readonly string[], sight = sightOf()) =>
  (await Promise.all(lines.map((line) => keep(line, sight)))).filter((line) => line !== undefined);

const event = (Type: string, ID: string, Attributes: object = {}, Action = 'x') =>
  JSON.stringify({ Type, Action, Actor: { ID, Attributes } });

describe('the events of a real Engine', () => {
  const a = [...containersOf('a'), ...idsNamed(/^(anet|asec|acfg|asvc)$/), 'avol'];
  const sight = sightOf({ ids: a, images: ['registry.example.com/team-a/app:1'] });

  it('are those of what is seen, each byte for byte', async () => {
    const shown = await kept(LINES, sight);
    const other = new Set([...containersOf('b'), ...idsNamed(/^(bnet|bsec|bcfg|bsvc)$/), 'bvol']);
    expect(shown.length).toBeGreaterThan(20);
    for (const line of shown) {
      expect(LINES).toContain(line);
      for (const id of other) expect(line).not.toContain(`"${id}"`);
    }
    const kinds = new Set(shown.map((line) => JSON.parse(line).Type));
    expect([...kinds].sort()).toEqual([
      'config',
      'container',
      'image',
      'network',
      'secret',
      'service',
      'volume',
    ]);
  });

  it('lose no event of what is seen', async () => {
    const shown = new Set(await kept(LINES, sight));
    const own = EVENTS.map(({ Type, Actor }, at) => ({ Type, Actor, line: LINES[at] }))
      .filter(({ Actor }) => a.includes(Actor.ID) && a.includes(Actor.Attributes['container'] ?? Actor.ID))
      .map(({ line }) => line);
    expect(own.filter((line) => !shown.has(line ?? ''))).toEqual([]);
  });

  it('are all there for whom everything is seen', async () => {
    expect(await kept(LINES, EVERYTHING)).toEqual(LINES);
  });

  it('are none for whom nothing is seen', async () => {
    expect(await kept(LINES)).toEqual([]);
  });
});

describe('an event', () => {
  const sight = sightOf({
    ids: ['mine', 'net'],
    images: ['docker.io/library/alpine:3', `sha256:${'1'.repeat(64)}`],
  });
  const shown = async (line: string) => (await keep(line, sight)) !== undefined;

  it('of a network or volume that names a container is shown when both are seen', async () => {
    for (const type of ['network', 'volume']) {
      expect(await shown(event(type, 'net'))).toBe(true);
      expect(await shown(event(type, 'net', { container: 'mine' }))).toBe(true);
      expect(await shown(event(type, 'net', { container: 'other' }))).toBe(false);
      expect(await shown(event(type, 'other', { container: 'mine' }))).toBe(false);
      expect(await shown(event(type, 'net', { container: '' }))).toBe(false);
      expect(await shown(event(type, 'net', { container: 5 }))).toBe(false);
    }
  });

  it('of a network that names a container is judged on it though all networks are seen', async () => {
    const line = event('network', 'any', { container: 'other' });
    expect(await keep(line, sightOf({ all: ['network'] }))).toBeUndefined();
    expect(await keep(line, sightOf({ all: ['network', 'container'] }))).toBe(line);
  });

  it('of an image is shown by the reference that it is about', async () => {
    const id = `sha256:${'2'.repeat(64)}`;
    expect(await shown(event('image', id, { name: 'alpine:3' }))).toBe(true);
    expect(await shown(event('image', id, { name: 'canary:3' }))).toBe(false);
    expect(await shown(event('image', 'alpine:3', { name: 'alpine' }))).toBe(true);
    expect(await shown(event('image', 'alpine:4', { name: 'alpine' }))).toBe(false);
    expect(await shown(event('image', id, { name: id }))).toBe(false);
    expect(await shown(event('image', `sha256:${'1'.repeat(64)}`, { name: '' }))).toBe(true);
    expect(await shown(event('image', '', { reclaimed: '17' }, 'prune'))).toBe(false);
  });

  it.each(['daemon', 'plugin', 'node', 'builder', 'stack', 'future', ''])(
    'of type %j is shown to whom the Engine is seen',
    async (type) => {
      const line = event(type, 'mine');
      expect(await keep(line, sight)).toBeUndefined();
      expect(await keep(line, sightOf({ all: ['engine'] }))).toBe(line);
    },
  );

  it.each(['container', 'network', 'volume', 'image', 'service', 'secret', 'config'])(
    'of a prune of type %s has no actor, and is not shown',
    async (type) => {
      expect(await shown(event(type, '', { reclaimed: '17' }, 'prune'))).toBe(false);
    },
  );

  it('of a shape that nobody knows is not shown', async () => {
    for (const line of [
      'null',
      '[]',
      '"x"',
      '{}',
      '{"Type":"container"}',
      '{"Type":"container","Actor":{"ID":["mine"]}}',
    ]) {
      expect(await shown(line)).toBe(false);
    }
  });

  it('that is no JSON is an error', async () => {
    await expect(keep('{"Type":"container"', sight)).rejects.toThrow(SyntaxError);
  });

  it('of the sequence that RFC 7464 writes is read too', async () => {
    const line = `\u001e${event('container', 'mine')}`;
    expect(await keep(line, sight)).toBe(line);
    expect(await keep(`\u001e${event('container', 'other')}`, sight)).toBeUndefined();
    expect(await keep('', sight)).toBe('');
  });

  it('of what is not seen never comes through, whatever else it holds', async () => {
    const type = fc.constantFrom(
      'container',
      'network',
      'volume',
      'service',
      'secret',
      'config',
      'image',
      'x',
    );
    const more = fc.dictionary(fc.string(), fc.string());
    await fc.assert(
      fc.asyncProperty(type, fc.boolean(), more, async (Type, own, attributes) => {
        const { name: _, container: __, ...rest } = attributes;
        const line = event(Type, own ? 'mine' : 'CANARY', rest);
        expect(await shown(line)).toBe(own && !['image', 'x'].includes(Type));
      }),
    );
  });
});
