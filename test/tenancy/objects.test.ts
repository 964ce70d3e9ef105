import { describe, expect, it } from 'vitest';
import { Objects } from '../../src/tenancy/objects.ts';
import type { Shown } from '../../src/tenancy/owned.ts';

const ID = 'c'.repeat(64);
const MARK = 'io.quaywarden.mark';
const TENANT = 'io.quaywarden.tenant';
const IMAGE = `sha256:${'1'.repeat(64)}`;

/** A container of team-a's, as lists and inspections tell of it, made of an image without a mark. */
const shown = (name: string): Shown => ({
  ...{ kind: 'container', id: ID, name, imageId: IMAGE },
  labels: { [TENANT]: 'team-a', [MARK]: 'm' },
});

/** Objects in front of an Engine whose images have no labels, and how often it was asked. */
function objects(adopted: Record<string, string> = {}) {
  const asked: string[] = [];
  const made = new Objects(
    async (target) => {
      asked.push(target);
      return { status: 200, text: JSON.stringify({ Id: IMAGE, Config: { Labels: null } }) };
    },
    (kind, id) => adopted[`${kind}/${id}`],
  );
  return { made, asked };
}

describe('the owner of a container', () => {
  it('is found out once, and what is known then is all there is to say', async () => {
    const { made, asked } = objects();
    const first = await made.owned(shown('web'));
    expect(first).toEqual({ kind: 'container', id: ID, name: 'web', tenant: 'team-a' });
    expect(made.owned(shown('web'))).toBe(first);
    expect(asked).toHaveLength(1);
  });

  it('stays when it is renamed, and its name is the new one', async () => {
    const { made } = objects();
    await made.owned(shown('web'));
    expect(await made.owned(shown('db'))).toMatchObject({ name: 'db', tenant: 'team-a' });
    expect(made.remembered('container', ID)).toMatchObject({ name: 'db' });
  });

  it('of nobody is looked for again, for it may be handed to somebody', async () => {
    const adopted: Record<string, string> = {};
    const { made } = objects(adopted);
    const unlabelled = { ...shown('old'), labels: {} };
    expect(await made.owned(unlabelled)).toMatchObject({ tenant: '-' });
    adopted[`container/${ID}`] = 'team-b';
    expect(await made.owned(unlabelled)).toMatchObject({ tenant: 'team-b' });
  });

  it('is forgotten when others may have been handed what there is', async () => {
    const { made } = objects({ [`container/${ID}`]: 'team-b' });
    const unlabelled = { ...shown('old'), labels: {} };
    expect(await made.owned(unlabelled)).toMatchObject({ tenant: 'team-b' });
    made.adopt(() => undefined);
    expect(await made.owned(unlabelled)).toMatchObject({ tenant: '-' });
  });
});
