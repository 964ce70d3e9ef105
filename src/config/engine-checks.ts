import { normalize } from 'node:path';
import { OPERATIONS } from '../docker/operations.ts';
import { type CheckFault, fault, hostOf, isLoopback, portOf, type Sections } from './checking.ts';
import type { Path } from './document.ts';
import { DEFAULT_ENGINE } from './engine-schema.ts';
import { enginesOf } from './engines.ts';
import { nearest } from './suggest.ts';

type EngineSection = NonNullable<Sections['engines']>[string];

/** An Engine of the file: what it is called, and its key as a sentence names it. */
interface Written extends Pick<EngineSection, 'address' | 'tls' | 'hosts' | 'listen'> {
  readonly name: string;
  readonly key: string;
  readonly path: Path;
}

function written({ engine, engines = {} }: Sections): readonly Written[] {
  return [
    ...(engine === undefined ? [] : [{ ...engine, name: DEFAULT_ENGINE, key: 'engine', path: ['engine'] }]),
    ...Object.entries(engines).map(([name, other]) => ({
      ...other,
      name,
      key: `engines.${name}`,
      path: ['engines', name],
    })),
  ];
}

/** What can be wrong with where Engines are, and with how clients get to them. */
export const ENGINE_CHECKS: readonly ((sections: Sections) => readonly CheckFault[])[] = [
  function engineAddress(sections) {
    return written(sections).flatMap(({ address, tls, key, path }) => {
      if (address.startsWith('unix://')) {
        return tls === undefined
          ? []
          : [fault([...path, 'tls'], `${key}.tls has no meaning for a unix socket; take it out`)];
      }
      const at = [...path, 'address'];
      const host = hostOf(address.replace(/^tcp:/, 'http:'));
      if (host === undefined || portOf(address) > 65_535 || portOf(address) === 0)
        return [fault(at, `${key}.address must name a host and a port from 1 to 65535`)];
      return tls === undefined && !isLoopback(host)
        ? [
            fault(
              at,
              `${key}.address leaves this machine without TLS; give ${key}.tls, for whoever reaches that port owns the Engine`,
            ),
          ]
        : [];
    });
  },

  function engineKeyPair(sections) {
    return written(sections).flatMap(({ tls, key, path }) => {
      if (tls === undefined || (tls.certificate === undefined) === (tls.key === undefined)) return [];
      const [there, missing] = tls.key === undefined ? ['certificate', 'key'] : ['key', 'certificate'];
      return [fault([...path, 'tls', there], `${key}.tls.${there} needs ${key}.tls.${missing} beside it`)];
    });
  },

  /** Grants say `engine/NAME/...`: a name that reads as something else there would be misread by people. */
  function engineNames({ engines = {} }) {
    return Object.keys(engines).flatMap((name) => {
      if (name === DEFAULT_ENGINE) {
        return [
          fault(
            ['engines', name],
            `engines.${name} is what the Engine of the section engine is called; give this one another name`,
          ),
        ];
      }
      return KINDS.has(name)
        ? [
            fault(
              ['engines', name],
              `engines.${name} is what grants call a kind of object; give the Engine another name`,
            ),
          ]
        : [];
    });
  },

  function enginesReached({ engines = {}, listeners = [] }) {
    return Object.entries(engines).flatMap(([name, { hosts, listen }]) =>
      hosts.length > 0 || listen !== undefined || listeners.some(({ engine }) => engine === name)
        ? []
        : [
            fault(
              ['engines', name],
              `engines.${name} can not be reached: give it hosts, a listener of its own (listen), or name it in an entry of listeners`,
            ),
          ],
    );
  },

  /** Two names for one Engine would be two accounts of one quota, and two sets of grants for the same objects. */
  function enginesApart(sections) {
    return twice(written(sections), ({ address }) => [address]).map(({ of, before }) =>
      fault(
        [...of.path, 'address'],
        `${of.key}.address is that of ${before.key} already; an Engine has one name, so give ${before.key} the hosts of both`,
      ),
    );
  },

  function engineHosts(sections) {
    return twice(written(sections), ({ hosts }) => hosts).map(({ of, before, value }) =>
      fault(
        [...of.path, 'hosts'],
        of === before
          ? `${of.key}.hosts names ${value} twice; once is enough`
          : `${of.key}.hosts names ${value}, which leads to ${before.key} already; one of the two must go`,
      ),
    );
  },

  function engineAdopted({ engine, engines, tenancy }) {
    if (engine === undefined || engines === undefined || tenancy === undefined) return [];
    const all = enginesOf({ engine, engines, tenancy }).map((of) => ({ ...of, path: of.key.split('.') }));
    return twice(all, ({ adopted }) => [normalize(adopted)]).map(({ of, before }) =>
      fault(
        [...of.path, 'adopted'],
        `${of.key}.adopted is the file of ${before.key} already; what is on one Engine is not on another`,
      ),
    );
  },

  function engineListeners(sections) {
    const { listen: main, listeners = [] } = sections;
    const taken = [...(main === undefined ? [] : [main]), ...listeners.map(({ listen }) => listen)];
    const own = written(sections).flatMap((each) =>
      each.listen === undefined ? [] : [{ ...each, listen: each.listen }],
    );
    return own.flatMap(({ listen, key, path }, index) => {
      const at = [...path, 'listen'];
      if (portOf(listen) > 65_535) return [fault(at, `${key}.listen has a port beyond 65535`)];
      const others = [...taken, ...own.slice(0, index).map((other) => other.listen)];
      return portOf(listen) !== 0 && others.includes(listen)
        ? [fault(at, `${key}.listen is the address of another listener; one of the two must go`)]
        : [];
    });
  },

  function listenersLead({ engines, listeners = [] }) {
    if (engines === undefined) return [];
    const names = [DEFAULT_ENGINE, ...Object.keys(engines)];
    return listeners.flatMap(({ engine }, index) =>
      names.includes(engine)
        ? []
        : [
            fault(
              ['listeners', index, 'engine'],
              `listeners[${index}].engine names no Engine (there are ${names.join(', ')})${meant(engine, names)}`,
            ),
          ],
    );
  },
];

/** But for those that people call Engines by, of which grants name no single objects. */
const KINDS: ReadonlySet<string> = new Set(
  OPERATIONS.map(({ kind }) => kind).filter((kind) => kind !== 'build' && kind !== 'swarm'),
);

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Values that stand a second time, with whose they are and whose they were before. */
function twice<T>(
  all: readonly T[],
  valuesOf: (of: T) => readonly string[],
): readonly { readonly of: T; readonly before: T; readonly value: string }[] {
  const seen = new Map<string, T>();
  return all.flatMap((of) =>
    valuesOf(of).flatMap((value) => {
      const before = seen.get(value);
      seen.set(value, before ?? of);
      return before === undefined ? [] : [{ of, before, value }];
    }),
  );
}
