import { describe, expect, it } from 'vitest';
import { api, EVERYTHING, real, sightOf, viewed } from './sight.ts';

const containers = JSON.parse(real('ContainerList')) as { Id: string; Names: string[] }[];
const idOf = (name: string) => containers.find(({ Names }) => Names.includes(`/${name}`))?.Id ?? '';

describe('a network', () => {
  it('of a real Engine shows the containers that are seen', async () => {
    const shown = await viewed('NetworkInspect', real('NetworkInspect'), sightOf({ ids: [idOf('aweb')] }));
    expect(JSON.parse(shown)).toEqual({
      ...JSON.parse(real('NetworkInspect')),
      Containers: { [idOf('aweb')]: expect.objectContaining({ Name: 'aweb' }) },
    });
    expect(shown).not.toContain('bweb');
    expect(shown).not.toContain(idOf('bweb'));
  });

  it('shows no services, peers and counts of addresses, nor what nobody knows', async () => {
    const own = `"Name":"n","Id":"i","EnableIPv4":true,"Options":{"x":"1"},"Labels":null`;
    const body = `{${own},"Containers":null,"Services":{"CANARY":{"VIP":"1"}},"Peers":[{"Name":"CANARY"}],"Status":{"IPAM":{"Subnets":{"10.0.0.0/8":{"IPsInUse":17}}}},"New":"CANARY"}\n`;
    expect(await viewed('NetworkInspect', body, sightOf())).toBe(`{${own},"Containers":null}\n`);
  });

  it("shows of its endpoints only those of containers, for no other is anybody's", async () => {
    const odd = ['lb-CANARY', 'ep-CANARY', 'ingress-sbox', idOf('aweb').slice(0, 12), `${idOf('aweb')}0`];
    const body = JSON.stringify({
      Containers: Object.fromEntries(odd.map((id) => [id, { Name: 'CANARY' }])),
    });
    expect(await viewed('NetworkInspect', body, sightOf({ ids: odd }))).toBe('{"Containers":{}}');
  });

  it('in a list of an old version is told of in the same way', async () => {
    const network = real('NetworkInspect').trimEnd();
    const request = api('GET /v1.24/networks');
    const shown = await viewed('NetworkList', `[${network}]\n`, sightOf({ ids: [idOf('aweb')] }), request);
    expect(Object.keys(JSON.parse(shown)[0].Containers)).toEqual([idOf('aweb')]);
    const all = sightOf({ all: ['network'], ids: [idOf('bweb')] });
    expect(
      Object.keys(JSON.parse(await viewed('NetworkList', `[${network}]`, all, request))[0].Containers),
    ).toEqual([idOf('bweb')]);
  });

  it('is untouched for whom everything is seen', async () => {
    expect(await viewed('NetworkInspect', real('NetworkInspect'), EVERYTHING)).toBe(real('NetworkInspect'));
  });

  it.each(['', '[]', '{"Containers":{]}', '{"Containers":[]}', '{"Containers":{"a":1,"a":1}}'])(
    'that is %j is an error',
    async (body) => {
      await expect(viewed('NetworkInspect', body, sightOf())).rejects.toThrow();
    },
  );
});
