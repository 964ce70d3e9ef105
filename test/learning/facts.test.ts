import { describe, expect, it } from 'vitest';
import { told } from '../../src/audit/records.ts';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { Facts } from '../../src/docker/facts/types.ts';
import { restoreFacts } from '../../src/workbench/facts.ts';
import { ask, askContainer, askHost } from '../docker/facts/ask.ts';
import { EVERYTHING } from '../docker/facts/everything.ts';

/** As the log holds them. */
function logged(facts: Facts): Record<string, unknown> {
  return JSON.parse(JSON.stringify(told(facts))) as Record<string, unknown>;
}

describe('facts out of a record', () => {
  it.each(EVERYTHING.map(([operation, line, body]) => [operation, line, { body }] as const))(
    'of %s, %s, are those that were judged',
    (_, line, { body }) => {
      const facts = ask(line, body);
      expect(restoreFacts(logged(facts))).toStrictEqual(withoutUndefined(facts));
    },
  );

  it('of what asks for little, too', () => {
    for (const facts of [NO_FACTS, askContainer({}), askHost({ Memory: 5 })]) {
      expect(restoreFacts(logged(facts))).toStrictEqual(withoutUndefined(facts));
    }
  });

  it('a build of no image is another thing than one of which nobody read the Dockerfile', () => {
    const build = ask('POST /v1.41/build?t=a');
    const of = (baseImages: [] | null): Facts => ({
      ...build,
      build: { ...build.build, baseImages } as Facts['build'],
    });
    expect(restoreFacts(logged(of([])))?.build?.baseImages).toEqual([]);
    expect(restoreFacts(logged(of(null)))?.build?.baseImages).toBeNull();
  });

  it('are none where the record does not tell them, or tells what this release does not know', () => {
    expect(restoreFacts({ '[too large]': true })).toBeUndefined();
    expect(restoreFacts({ newest: 1 })).toBeUndefined();
    expect(restoreFacts({ ports: [{ field: 'a', container: 5 }] })).toBeUndefined();
  });
});

/** A part that is undefined is one that is not there, and so is a list of nothing that is lifted. */
function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, member]) => member !== undefined && !(name === 'lifted' && (member as unknown[]).length === 0),
  );
  return Object.fromEntries(members.map(([name, member]) => [name, withoutUndefined(member)])) as T;
}
