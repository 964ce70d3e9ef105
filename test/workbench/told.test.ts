import { describe, expect, it } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { CEILING } from '../../src/docker/versions.ts';
import { parseGrants } from '../../src/policy/grants.ts';
import type { PolicyText } from '../../src/policy/load.ts';
import type { Desk } from '../../src/workbench/desk.ts';
import { explainRecord } from '../../src/workbench/from-record.ts';
import { whoMay } from '../../src/workbench/who.ts';
import { policyOf, VOCABULARY } from '../policy/support.ts';

const who = (grants: string, operation: string, resource: string) =>
  whoMay(parseGrants(grants, VOCABULARY) as unknown as PolicyText, operation, resource);

describe('policy who', () => {
  const all = 'p, user:bob, container/**, ContainerExec, true, allow\n';

  it.each([
    ['ContainerExec', 'container/web'],
    ['ContainerExec', 'web'],
    ['ContainerExec', 'container/-/*'],
    ['ContainerExec', 'volume/-/web'],
    ['ImagePush', 'image/alpine'],
  ])('does not say that nobody may do %s on %s, on which no request is', (operation, resource) => {
    expect(() => who(`${all}p, *, image/**, ImagePush, true, allow`, operation, resource)).toThrow();
  });

  it('does not say that somebody may not who may by the id', () => {
    const [named] = who(
      `${all}p, user:bob, container/-/db, ContainerExec, true, deny`,
      'ContainerExec',
      'container/-/db',
    );
    expect(named).toMatchObject({ isDenied: false, denials: [{ effect: 'deny' }] });
    const [whole] = who(
      `${all}p, user:bob, container/**, ContainerExec, true, deny`,
      'ContainerExec',
      'container/-/db',
    );
    expect(whole?.isDenied).toBe(true);
  });
});

describe('policy explain', () => {
  const GRANT = "p, user:bob, container/**, ContainerCreate, satisfies('baseline'), allow";

  async function explained(grants: string, record: object) {
    const line = {
      principal: { name: 'bob', tenant: 'default', roles: [], method: 'certificate' },
      resource: { kind: 'container', tenant: '-', name: 'web' },
      involves: [],
      facts: {},
      stage: 'refused',
      ...record,
      request: {
        ...{ method: 'POST', path: '/v1.41/containers/create', query: 'name=web' },
        ...{ apiVersion: '1.41', operation: 'ContainerCreate', bodyDigest: null },
        ...(record as { request?: object }).request,
      },
    } as unknown as RequestLine;
    const desk = { policy: await policyOf(grants), rules: { ceiling: CEILING } } as unknown as Desk;
    return explainRecord(desk, line);
  }

  it('does not allow what was refused before anybody knew what it asks for', async () => {
    expect(await explained(GRANT, {})).toMatch(/does not tell/);
    expect(await explained('p, user:bob, engine, SystemPing, true, allow', {})).toMatchObject({
      effect: 'deny',
      reason: 'not-granted',
    });
  });

  it('does not allow what asks for more than its record tells', async () => {
    const facts = { '[too large]': true };
    expect(await explained(GRANT, { stage: 'complete', facts })).toMatch(/does not tell/);
  });

  it('knows the reason that was stated', async () => {
    const grants = "p, user:bob, container/**, ContainerCreate, reasonGiven('INC-*'), allow";
    const request = { reason: 'INC-7' };
    expect(await explained(grants, { stage: 'complete', request })).toMatchObject({ effect: 'allow' });
  });
});
