import {
  checked,
  type Edit,
  editElements,
  editMembers,
  endOf,
  isNull,
  membersOf,
  writeObject,
} from '../view/raw-json.ts';
import { type Json, objectOf, RECORD, textOf } from '../view/shown.ts';
import { shownEvent } from './events.ts';
import { BRIDGE, type Names } from './names.ts';

/** Writes the names of one value of a reply as the reader knows them. */
type Rename = (raw: string, names: Names) => string;

/** A text that is a name, where it is one of the reader's space; all else is left as it is. */
function text(change: (given: string, names: Names) => string): Rename {
  return (raw, names) => {
    const given: unknown = JSON.parse(raw);
    if (typeof given !== 'string') return raw;
    const shown = change(given, names);
    return shown === given ? raw : JSON.stringify(shown);
  };
}

const NAME = text((given, names) => names.shown(given));
/** `/web` */
const CONTAINER_NAME = text((given, names) =>
  given.startsWith('/') ? `/${names.shown(given.slice(1))}` : names.shown(given),
);
/** A path of the host in which the folder of a volume is, or a sentence. */
const TEXT = text((given, names) => names.text(given));

function members(edits: Readonly<Record<string, Rename>>): Rename {
  return (raw, names) => {
    if (!raw.startsWith('{')) return raw;
    const own = Object.entries(edits).map(([key, rename]): [string, Edit] => [
      key,
      (value) => rename(value, names),
    ]);
    return editMembers(raw, new Map(own));
  };
}

function each(rename: Rename): Rename {
  return (raw, names) => (raw.startsWith('[') ? editElements(raw, (element) => rename(element, names)) : raw);
}

function values(rename: Rename): Rename {
  return (raw, names) =>
    raw.startsWith('{') ? editMembers(raw, new Map(), (value) => rename(value, names)) : raw;
}

const VOLUME = members({ Name: NAME, Mountpoint: TEXT });
/** Where a container has a volume; of a bind, the source is a path. */
const MOUNT_POINT = members({ Name: NAME, Source: TEXT });
/** As it was asked for. */
const MOUNT = members({ Source: NAME });
const NETWORK = members({
  Name: NAME,
  ConfigFrom: members({ Network: NAME }),
  Containers: values(members({ Name: NAME })),
});

/**
 * A container, inspected or listed. Its short name is an alias that the gateway gave it, so it is not shown as one; its
 * network mode, which the Engine knows by id, is the name under which its networks show that.
 */
const CONTAINER: Rename = (raw, names) => {
  const value = objectOf(JSON.parse(raw));
  const networks = objectOf(objectOf(value['NetworkSettings'])['Networks']);
  const own = names.shown(ownNameOf(value));
  const mode = text((given) => {
    const [name] = Object.entries(networks).find(([, at]) => objectOf(at)['NetworkID'] === given) ?? [];
    return names.shown(name ?? given);
  });
  const settings: Rename = (endpoints) => endpointsOf(endpoints, own, names);
  return members({
    Name: CONTAINER_NAME,
    Names: each(CONTAINER_NAME),
    Mounts: each(MOUNT_POINT),
    HostConfig: members({
      NetworkMode: mode,
      Binds: each(NAME),
      Mounts: each(MOUNT),
      Links: each(
        text((given) =>
          given
            .split(':')
            .map((part) => slashed(part, names))
            .join(':'),
        ),
      ),
    }),
    NetworkSettings: members({ ...onBridge(networks, names), Networks: settings }),
  })(raw, names);
};

/**
 * What the Engine tells of the network `bridge` a second time, beside the networks: it knows the tenant's as one of many.
 */
function onBridge(networks: Json, names: Names): Readonly<Record<string, Rename>> {
  const [, at] = Object.entries(networks).find(([name]) => names.shown(name) === BRIDGE) ?? [];
  const own = Object.entries(objectOf(at)).filter(([member]) => TOLD_TWICE.has(member));
  return Object.fromEntries(own.map(([member, value]) => [member, () => JSON.stringify(value)]));
}

const TOLD_TWICE: ReadonlySet<string> = new Set([
  ...['EndpointID', 'MacAddress', 'Gateway', 'IPAddress', 'IPPrefixLen'],
  ...['IPv6Gateway', 'GlobalIPv6Address', 'GlobalIPv6PrefixLen'],
]);

/** By inspection `Name`, in lists the one of `Names` that no link gave. */
function ownNameOf(container: Json): string {
  const listed = container['Names'];
  const name = Array.isArray(listed)
    ? listed.map(textOf).find((each) => each.lastIndexOf('/') === 0)
    : textOf(container['Name']);
  return (name ?? '').replace(/^\//, '');
}

function slashed(part: string, names: Names): string {
  return part.startsWith('/') ? `/${names.shown(part.slice(1))}` : names.shown(part);
}

/**
 * The networks of a container, by name. One from before that is called as one of the tenant's own stands under its id, by
 * which it is reached.
 */
function endpointsOf(raw: string, own: string, names: Names): string {
  if (isNull(raw)) return raw;
  // Docker tells a container's own name among its names in the DNS, and not among the aliases that it was given.
  const aliases = withoutOwn((name) => name === own || names.shown(name) !== name);
  const dns = withoutOwn((name) => names.shown(name) !== name);
  const edit = members({ Aliases: aliases, DNSNames: dns });
  const all = membersOf(raw);
  const ownKeys = new Set(all.flatMap(({ key }) => (names.shown(key) === key ? [] : [names.shown(key)])));
  return writeObject(
    all.map(({ key, keyText, raw: value }) => {
      const isHidden = ownKeys.has(key);
      const shown = isHidden ? textOf(objectOf(JSON.parse(value))['NetworkID']) || key : names.shown(key);
      return {
        key: shown,
        keyText: shown === key ? keyText : JSON.stringify(shown),
        raw: edit(value, names),
      };
    }),
  );
}

function withoutOwn(isLeftOut: (name: string) => boolean): Rename {
  return (raw) => {
    if (!raw.startsWith('[')) return raw;
    const kept = editElements(raw, (element) =>
      isLeftOut(textOf(JSON.parse(element))) ? undefined : element,
    );
    return kept === '[]' ? 'null' : kept;
  };
}

const SPEC = members({
  TaskTemplate: members({ ContainerSpec: members({ Mounts: each(MOUNT) }) }),
});
const SERVICE = members({ Spec: SPEC, PreviousSpec: SPEC });
const TASK = members({
  Spec: members({ ContainerSpec: members({ Mounts: each(MOUNT) }) }),
  NetworksAttachments: each(members({ Network: members({ Spec: members({ Name: NAME }) }) })),
});

/** Replies in which names of containers, networks and volumes stand. */
const REPLIES: Readonly<Record<string, Rename>> = {
  ContainerCreate: members({ Warnings: each(TEXT) }),
  ContainerInspect: CONTAINER,
  ContainerList: each(CONTAINER),
  NetworkCreate: members({ Warning: TEXT }),
  NetworkInspect: NETWORK,
  NetworkList: each(NETWORK),
  NetworkPrune: members({ NetworksDeleted: each(NAME) }),
  VolumeCreate: VOLUME,
  VolumeInspect: VOLUME,
  VolumeList: members({ Volumes: each(VOLUME) }),
  VolumePrune: members({ VolumesDeleted: each(NAME) }),
  SystemDataUsage: members({
    Containers: each(CONTAINER),
    Volumes: each(VOLUME),
    ContainerUsage: members({ Items: each(CONTAINER) }),
    ContainersUsage: members({ Items: each(CONTAINER) }),
    VolumeUsage: members({ Items: each(VOLUME) }),
    VolumesUsage: members({ Items: each(VOLUME) }),
  }),
  ServiceInspect: SERVICE,
  ServiceList: each(SERVICE),
  TaskInspect: TASK,
  TaskList: each(TASK),
};

/** The same of replies of one JSON text a line. */
const LINES: Readonly<Record<string, Rename>> = {
  ContainerStats: members({ name: CONTAINER_NAME }),
  SystemEvents: shownEvent,
};

/** Whether names stand in what an operation answers, read whole or line by line. */
export function namesStandIn(operationId: string, as: 'whole' | 'lines'): boolean {
  return operationId in (as === 'whole' ? REPLIES : LINES);
}

/**
 * A reply with the reader's names in place of those on the Engine. Every other byte stays.
 *
 * @param body the whole of it, or one of its lines
 * @throws SyntaxError when it is no JSON
 */
export function renamed(operationId: string, body: string, names: Names): string {
  const rename = REPLIES[operationId] ?? LINES[operationId];
  if (!names.areOwn || rename === undefined || body.trim() === '') return body;
  const start = body.startsWith(RECORD) ? RECORD : '';
  const text = checked(body.slice(start.length));
  return start + rename(text.trim(), names) + endOf(text);
}
