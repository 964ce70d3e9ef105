import { describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { privateNames } from '../../src/tenancy/names/names.ts';
import { bodyForEngine } from '../../src/tenancy/names/request.ts';
import type { Owned } from '../../src/tenancy/owned.ts';

const OWN: Owned = { kind: 'network', id: 'b'.repeat(64), name: 'back', tenant: 'team-b' };
const SHARED: Owned = { kind: 'network', id: 'c'.repeat(64), name: 'proxy', tenant: '-' };

const BOX: Owned = { kind: 'container', id: 'e'.repeat(64), name: 'box', tenant: 'team-b' };

/** What bob of team-b has the Engine make. */
async function asked(target: string, body: object, object?: Owned): Promise<unknown> {
  const api = parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 51 });
  const { value } = readContent(api, Buffer.from(JSON.stringify(body)));
  return bodyForEngine(api, value, {
    names: privateNames('team-b'),
    tenant: 'team-b',
    object,
    objects: [OWN, SHARED, BOX],
    volumes: new Map(),
    bridge: async () => 'd'.repeat(64),
  });
}

const create = (network: Owned, Aliases: readonly string[], more: object = {}) =>
  asked('/v1.51/containers/create?name=web', {
    Image: 'a',
    HostConfig: { NetworkMode: network.id },
    NetworkingConfig: { EndpointsConfig: { [network.id]: { Aliases } } },
    ...more,
  });
const connect = (network: Owned, Aliases: readonly string[]) =>
  asked(`/v1.51/networks/${network.id}/connect`, { Container: 'x', EndpointConfig: { Aliases } }, network);

const refused = { reason: 'name-of-tenant', status: 403 };

describe('on a network that tenants share, nobody answers to the name of another’s container', () => {
  it.each([
    ...['team-a__web', 'a'.repeat(12), 'A'.repeat(12), 'a'.repeat(64)],
    // In lower case, as the Engine has them: of team-k, of team_a, of bill.
    ...['team-\u212a__web', 'TEAM_5FA__web', 'b\u0130ll__web'],
  ])('%s', async (alias) => {
    await expect(create(SHARED, [alias])).rejects.toMatchObject(refused);
    await expect(connect(SHARED, [alias])).rejects.toMatchObject(refused);
  });

  it('nor by its host name', async () => {
    for (const Hostname of ['team-a__web', 'TEAM_5FA__web', 'team-\u212a__web'])
      await expect(create(OWN, [], { Hostname })).rejects.toMatchObject(refused);
  });

  it('but to others, and on its own as it likes', async () => {
    await expect(create(SHARED, ['web', 'team-b__db'])).resolves.toBeDefined();
    await expect(connect(SHARED, ['api', 'e'.repeat(12)])).resolves.toBeDefined();
    await expect(create(OWN, ['team-a__web'], { Hostname: 'my_host' })).resolves.toBeDefined();
    await expect(connect(OWN, ['team-a__web'])).resolves.toBeDefined();
  });
});
