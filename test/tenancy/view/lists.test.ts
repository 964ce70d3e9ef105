import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TENANT_LABEL } from '../../../src/tenancy/labels.ts';
import { elementsOf, memberOf } from '../../../src/tenancy/view/raw-json.ts';
import { viewOf } from '../../../src/tenancy/view/view.ts';
import { api, EVERYTHING, jsonView, plainly, REAL, real, sightOf, viewed } from './sight.ts';

/** The objects of a list, as the Engine shapes them. */
const LISTS = {
  ContainerList: (name: string, labels: object, more: object) => ({
    Id: name,
    Names: [`/${name}`],
    Labels: labels,
    ImageID: `sha256:${name}`,
    ...more,
  }),
  NetworkList: (name: string, labels: object, more: object) => ({
    Name: name,
    Id: name,
    Labels: labels,
    Options: more,
  }),
  ServiceList: (name: string, labels: object, more: object) => ({
    ID: name,
    Spec: { Name: name, Labels: labels },
    ...more,
  }),
  SecretList: (name: string, labels: object, more: object) => ({
    ID: name,
    Spec: { Name: name, Labels: labels },
    ...more,
  }),
  ConfigList: (name: string, labels: object, more: object) => ({
    ID: name,
    Spec: { Name: name, Labels: labels },
    ...more,
  }),
  TaskList: (name: string, labels: object, more: object) => ({
    ID: name,
    ServiceID: name,
    Labels: labels,
    ...more,
  }),
  VolumeList: (name: string, labels: object, more: object) => ({ Name: name, Labels: labels, Options: more }),
} as const;
const NAMES = Object.keys(LISTS) as (keyof typeof LISTS)[];

const named = (name: string, body: string) => (name === 'VolumeList' ? memberOf(body, 'Volumes') : body);
const reply = (name: string, elements: readonly string[]) =>
  name === 'VolumeList' ? `{"Volumes":[${elements}],"Warnings":null}\n` : `[${elements}]\n`;

describe('a list', () => {
  it.each(NAMES)('of %s shows of a real Engine the objects of one tenant, byte for byte', async (name) => {
    const body = real(name);
    const services = elementsOf(real('ServiceList')).map((raw) => JSON.parse(raw));
    const own = services
      .filter(({ Spec }) => Spec.Labels[TENANT_LABEL] === 'a')
      .map(({ ID }) => ID as string);
    const shown = await viewed(name, body, sightOf({ ids: own }));
    const isOwn = (raw: string) =>
      raw.includes(`"${TENANT_LABEL}":"a"`) || own.some((id) => raw.includes(`"ServiceID":"${id}"`));
    const wanted = elementsOf(named(name, body)).filter(isOwn);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(elementsOf(named(name, body)).length);
    expect(elementsOf(named(name, shown))).toEqual(wanted);
    expect(shown.endsWith('\n')).toBe(body.endsWith('\n'));
  });

  it.each(NAMES)('of %s shows nothing of an object that is not seen, whatever it holds', async (name) => {
    const labels = fc.constantFrom('a', 'b', '');
    const object = fc.tuple(labels, fc.dictionary(fc.string(), fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(fc.array(object), async (objects) => {
        const elements = objects.map(([tenant, more], index) => {
          const secret = tenant === 'a' ? {} : { Canary: [{ deep: '{"CANARY' }] };
          const made = LISTS[name](`${tenant}${index}`, tenant === '' ? {} : { [TENANT_LABEL]: tenant }, {
            more,
            ...secret,
          });
          return JSON.stringify(made);
        });
        const shown = await viewed(name, reply(name, elements), sightOf());
        expect(shown).toBe(
          reply(
            name,
            elements.filter((_, index) => objects[index]?.[0] === 'a'),
          ),
        );
        expect(shown).not.toContain('CANARY');
      }),
    );
  });

  it.each(NAMES)('of %s is untouched for whom all of it is seen', async (name) => {
    expect(await viewed(name, real(name), EVERYTHING)).toBe(real(name));
  });

  it.each(NAMES)('of %s with an element without an id does not show it', async (name) => {
    const own = { Labels: { [TENANT_LABEL]: 'a' }, Spec: { Labels: { [TENANT_LABEL]: 'a' } } };
    const odd = [own, { ...own, Id: 5, ID: 5, Name: 5 }, 'a', 1, null, [own]].map((each) =>
      JSON.stringify(each),
    );
    expect(await viewed(name, reply(name, odd), sightOf())).toBe(reply(name, []));
  });

  it.each(NAMES)('of %s that is malformed is an error', async (name) => {
    for (const broken of ['', '[', '{"message":"x"}', '[{"Id":1]', '"x"', '[]]', '{"Volumes":[{]}']) {
      if (name === 'VolumeList' && broken.startsWith('{"m')) continue;
      await expect(viewed(name, broken, sightOf())).rejects.toThrow();
    }
  });

  it('that is null stays null', async () => {
    expect(await viewed('ServiceList', 'null\n', sightOf())).toBe('null\n');
    expect(await viewed('VolumeList', '{"Volumes":null,"Warnings":null}\n', sightOf())).toBe(
      '{"Volumes":null,"Warnings":null}\n',
    );
  });

  it('asks a few questions at a time and keeps the order', async () => {
    let under = 0;
    let most = 0;
    const body = JSON.stringify(Array.from({ length: 100 }, (_, at) => ({ ID: `${at}`, ServiceID: 's' })));
    const slow = {
      ...sightOf(),
      sees: async ({ id }: { id: string }) => {
        under += 1;
        most = Math.max(most, under);
        await new Promise((done) => setTimeout(done, Math.random() * 5));
        under -= 1;
        return Number(id) % 3 === 0;
      },
    };
    const shown = JSON.parse(await viewed('TaskList', body, slow)) as { ID: string }[];
    expect(shown.map(({ ID }) => Number(ID))).toEqual(Array.from({ length: 34 }, (_, at) => at * 3));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('fails when a question does', async () => {
    const failing = { ...sightOf(), sees: () => Promise.reject(new Error('no Engine')) };
    await expect(viewed('TaskList', real('TaskList'), failing)).rejects.toThrow('no Engine');
  });

  it('of volumes shows no warnings of drivers, nor members that nobody knows', async () => {
    const body = '{"Volumes":[],"Warnings":["CANARY: no such host"],"Other":"CANARY"}';
    expect(await viewed('VolumeList', body, sightOf())).toBe('{"Volumes":[],"Warnings":null}');
  });

  it("of volumes does not say how many containers hold one, for these are everybody's", async () => {
    const volume = `{"Name":"v","Labels":{"${TENANT_LABEL}":"a"},"UsageData":{"RefCount":7,"Size":12345678901234567890}}`;
    const wanted = volume.replace('"RefCount":7', '"RefCount":-1');
    const list = (each: string) => `{"Volumes":[${each}],"Warnings":null}`;
    expect(await viewed('VolumeList', list(volume), sightOf())).toBe(list(wanted));
    expect(await viewed('VolumeInspect', volume, sightOf())).toBe(wanted);
    expect(await viewed('VolumeInspect', real('VolumeInspect'), sightOf())).toBe(real('VolumeInspect'));
    expect(await viewed('VolumeInspect', volume, EVERYTHING)).toBe(volume);
  });
});

describe('a list of containers', () => {
  const container = (name: string, tenant: string, names = [`/${name}`]) =>
    JSON.stringify({ Id: name, Names: names, Labels: { [TENANT_LABEL]: tenant } });
  const many = `[${['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => container(name, name.charAt(0)))}]`;

  it('is asked for without its limit, and with all, as the limit means', () => {
    const { widen } = jsonView('ContainerList');
    const asked = api(
      'GET /v1.41/containers/json?limit=2&size=1&filters=%7B%22status%22%3A%5B%22exited%22%5D%7D',
    );
    expect(widen?.(asked, sightOf()).target).toBe(
      '/v1.41/containers/json?all=1&size=1&filters=%7B%22status%22%3A%7B%22exited%22%3Atrue%7D%7D',
    );
    expect(widen?.(asked, EVERYTHING)).toBe(asked);
  });

  it.each(['', '?limit=0', '?limit=-1', '?limit='])('is asked for as it is with %j', (query) => {
    const asked = api(`GET /v1.41/containers/json${query}`);
    expect(jsonView('ContainerList').widen?.(asked, sightOf()).target).toBe(asked.target);
  });

  it('is cut to the limit after it was judged: others do not count', async () => {
    const ids = async (query: string) =>
      JSON.parse(
        await viewed('ContainerList', many, sightOf(), api(`GET /v1.41/containers/json${query}`)),
      ).map(({ Id }: { Id: string }) => Id);
    expect(await ids('?limit=2')).toEqual(['a1', 'a2']);
    expect(await ids('?limit=9')).toEqual(['a1', 'a2', 'a3']);
    expect(await ids('?limit=0')).toEqual(['a1', 'a2', 'a3']);
    expect(await ids('?limit=-1')).toEqual(['a1', 'a2', 'a3']);
  });

  it('does not show the name that the link of a container gave, unless that container is shown', async () => {
    const list = (...names: string[]) =>
      `[${container('db', 'a', names)},${container('web', 'a')},${container('spy', 'b')}]`;
    const shown = await viewed('ContainerList', list('/CANARY/db', '/db', '/web/db'), sightOf());
    expect(JSON.parse(shown)[0].Names).toEqual(['/db', '/web/db']);
    const unlinked = await viewed('ContainerList', list('/spy/alias', '/db'), sightOf());
    expect(JSON.parse(unlinked)[0].Names).toEqual(['/db']);
  });
});

describe('a view', () => {
  it.each([
    ...[
      'ContainerInspect',
      'ServiceInspect',
      'TaskInspect',
      'SecretInspect',
      'ContainerTop',
      'SystemVersion',
    ],
    ...['ContainerPrune', 'VolumePrune', 'NetworkPrune', 'SystemPing', 'VolumeCreate'],
  ])('is not needed for %s: it tells of what was judged', (name) => {
    expect(viewOf(name)).toBeUndefined();
    expect(plainly(name).operation.id).toBe(name);
  });

  it('was tried on a reply of a real Engine for each operation that has one', () => {
    const operations = Object.keys(REAL).filter((name) => viewOf(name) !== undefined);
    expect(operations).toHaveLength(17);
  });
});
