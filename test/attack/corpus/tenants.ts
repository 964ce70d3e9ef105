import { IDS } from '../../support/fake-inventory.ts';
import { http, json, plainly } from '../../support/front-door.ts';
import type { Attempt, Persona, Refused } from './case.ts';
import { ANY_MARK } from './observe.ts';
import { nameOf, tenantOf } from './persona.ts';
import { refused } from './write.ts';

/** The words in which the cases of tenants are written. */

type Kind = 'container' | 'network' | 'volume' | 'image' | 'exec' | 'service' | 'task' | 'secret' | 'config';

/** The Engine's own words for what is not there, whether it is another's or nobody ever made it. */
export function goneWords(kind: Kind, reference: string): string {
  switch (kind) {
    case 'container':
      return `No such container: ${reference}`;
    case 'network':
      return `network ${reference} not found`;
    case 'volume':
      return `get ${reference}: no such volume`;
    case 'image':
      return `No such image: ${reference}`;
    case 'exec':
      return `No such exec instance: ${reference}`;
    default:
      return `${kind} ${reference} not found`;
  }
}

/**
 * It does not exist for whoever asks. Of a create that names another object that is a 400, as it is for the Engine: the
 * docker CLI takes a 404 for an image that is not there, and pulls it.
 */
export function gone(operation: string, field?: string): Refused {
  const isImage = field === 'Image' || /Mounts\[\d+\]\.Source$/.test(field ?? '');
  return refused(operation === 'ContainerCreate' && !isImage ? 400 : 404, 'no-such-object', {
    operation,
    ...(field === undefined ? {} : { field }),
  });
}

/** One attempt for each way of naming something that is not there for whoever asks; its words must be the Engine's. */
export function byEach(
  kind: Kind,
  references: readonly string[],
  make: (reference: string) => Attempt['bytes'],
): Attempt[] {
  return references.map((reference) => ({
    name: reference,
    bytes: make(reference),
    message: goneWords(kind, reference),
  }));
}

/** Ways of naming containers that are not alice's, and one that nobody has. */
export const NOT_HERS = [
  'bobc',
  IDS.bobc,
  IDS.bobc.slice(0, 12),
  IDS.bobc.slice(0, 6),
  IDS.decoy,
  'oldc',
  IDS.oldc,
  'trojanc',
  IDS.trojanc,
  'nobodyc',
  'f'.repeat(64),
] as const;

/** Ways of naming alice's container. */
export const HERS = ['alicec', IDS.alicec, IDS.alicec.slice(0, 12), IDS.alicec.slice(0, 20)] as const;

export const BOBS_NETWORKS = ['bobn', IDS.bobn, IDS.bobn.slice(0, 12), IDS.bobd, 'nobodyn'] as const;
export const BOBS_VOLUMES = ['bobv', 'oldvolume', IDS.bobanon, 'nobodyv'] as const;

/** The labels of what somebody makes. */
export function labels(as: Persona = 'alice'): Readonly<Record<string, string>> {
  return {
    'io.quaywarden.tenant': tenantOf(as),
    'io.quaywarden.owner': nameOf(as),
    'io.quaywarden.mark': ANY_MARK,
  };
}

/** Each operation on one container: its id, and the request with the container's name put in. */
export type On = readonly [operation: string, make: (name: string) => string, road?: 'plain' | 'stream'];

export const get = (target: string): string => http(`GET ${target}`);
export const post = (target: string): string => http(`POST ${target}`);
export const on =
  (line: string, body?: object): ((name: string) => string) =>
  (name) => {
    const put = line.replace('{}', name);
    return body === undefined ? http(put) : json(put, JSON.stringify(body));
  };

/** What reads a container. */
export const READS: readonly On[] = [
  ['ContainerInspect', on('GET /v1.41/containers/{}/json'), 'plain'],
  ['ContainerLogs', on('GET /v1.41/containers/{}/logs?stdout=1'), 'stream'],
  ['ContainerArchive', on('GET /v1.41/containers/{}/archive?path=/etc/shadow'), 'stream'],
  ['ContainerArchiveInfo', on('HEAD /v1.41/containers/{}/archive?path=/etc/shadow'), 'stream'],
  ['ContainerExport', on('GET /v1.41/containers/{}/export'), 'stream'],
  ['ContainerChanges', on('GET /v1.41/containers/{}/changes'), 'stream'],
  ['ContainerStats', on('GET /v1.41/containers/{}/stats?stream=0'), 'stream'],
  ['ContainerTop', on('GET /v1.41/containers/{}/top'), 'stream'],
];

const UPGRADE = ['Connection: Upgrade', 'Upgrade: tcp', 'Content-Length: 0'];

/** What drives one. */
export const DRIVES: readonly On[] = [
  ['ContainerAttach', (name) => http(`POST /v1.41/containers/${name}/attach?stream=1`, ...UPGRADE)],
  [
    'ContainerAttachWebsocket',
    (name) =>
      http(
        `GET /v1.41/containers/${name}/attach/ws?stream=1`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ),
  ],
  ['ContainerResize', on('POST /v1.41/containers/{}/resize?h=1&w=1'), 'plain'],
  ['ContainerWait', on('POST /v1.41/containers/{}/wait'), 'stream'],
  ['ContainerKill', on('POST /v1.41/containers/{}/kill?signal=KILL'), 'plain'],
  ['ContainerStart', on('POST /v1.41/containers/{}/start'), 'plain'],
  ['ContainerStop', on('POST /v1.41/containers/{}/stop'), 'stream'],
  ['ContainerRestart', on('POST /v1.41/containers/{}/restart'), 'stream'],
  ['ContainerPause', on('POST /v1.41/containers/{}/pause'), 'plain'],
  ['ContainerUnpause', on('POST /v1.41/containers/{}/unpause'), 'plain'],
  ['ContainerRename', on('POST /v1.41/containers/{}/rename?name=stolen'), 'plain'],
  ['ContainerDelete', on('DELETE /v1.41/containers/{}?v=1&force=1'), 'stream'],
  ['ContainerUpdate', on('POST /v1.41/containers/{}/update', { Memory: 16_777_216 })],
  ['ContainerExec', on('POST /v1.41/containers/{}/exec', { Cmd: ['id'] })],
  [
    'PutContainerArchive',
    (name) =>
      http(
        `PUT /v1.41/containers/${name}/archive?path=/etc`,
        'Content-Type: application/x-tar',
        'Content-Length: 1024',
        '',
        '\0'.repeat(1_024),
      ),
  ],
];

/** Volumes are made by the gateway itself, before the container. */
export function volumeMade(name: string, as: Persona = 'alice'): string {
  const body = JSON.stringify({ Name: name, Driver: 'local', DriverOpts: {}, Labels: labels(as) });
  return plainly(
    'POST /volumes/create',
    'Content-Type: application/json',
    `content-length: ${body.length}`,
    '',
    body,
  );
}
