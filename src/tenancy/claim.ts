import { withQuery } from '../docker/request.ts';
import type { ApiRequest } from '../docker/types.ts';
import { OWN_LABEL } from '../policy/floor.ts';
import { type Labels, MARK_LABEL, OWNER_LABEL, TENANT_LABEL } from './labels.ts';

type Json = Readonly<Record<string, unknown>>;

/** Operations that make an object which belongs to a tenant, or change the labels of one. */
const LABELLED = new Set([
  'ContainerCreate',
  'NetworkCreate',
  'VolumeCreate',
  'SecretCreate',
  'ConfigCreate',
]);
const RELABELLED = new Set(['SecretUpdate', 'ConfigUpdate']);
const SERVICES = new Set(['ServiceCreate', 'ServiceUpdate']);

/** Whether an update writes the labels of an object anew, so that those of the object as it is are needed. */
export function isRelabelled(operationId: string): boolean {
  return RELABELLED.has(operationId) || operationId === 'ServiceUpdate';
}

/**
 * The body with the labels of its owner. They are written over whatever it says itself; anonymous volumes that a
 * mount makes and the containers of a service get them too.
 *
 * @param labels of whoever owns what is made; of an update those that the object has, none when it is nobody's
 */
export function claimed(operationId: string, value: unknown, labels: Labels): unknown {
  const body = (value ?? {}) as Json;
  if (operationId === 'ContainerCreate') {
    const host = body['HostConfig'] as Json | undefined;
    const made = host === undefined ? {} : { HostConfig: withMounts(host, labels) };
    return { ...body, Labels: written(body['Labels'], labels), ...made };
  }
  if (LABELLED.has(operationId) || RELABELLED.has(operationId)) {
    // A second network of a name would keep the containers of the first from starting, and its warning tells of it.
    const alone = operationId === 'NetworkCreate' ? { CheckDuplicate: true } : {};
    return { ...body, ...alone, Labels: written(body['Labels'], labels) };
  }
  return SERVICES.has(operationId) ? service(body, labels) : value;
}

/**
 * A commit whose image does not carry the owner of the container that it is made of: `LABEL` with empty values blanks
 * what the container's labels bring along. It comes before the client's own changes, the last of which may go on in the
 * next line.
 */
export function withBlankedLabels(api: ApiRequest): ApiRequest {
  if (api.operation.id !== 'ImageCommit') return api;
  const { changes } = api.query;
  const blank = [TENANT_LABEL, OWNER_LABEL, MARK_LABEL].map((label) => `${label}=""`).join(' ');
  return withQuery(api, {
    ...api.query,
    changes: [`LABEL ${blank}`, ...(Array.isArray(changes) ? changes : [])],
  });
}

function service(body: Json, labels: Labels): Json {
  const task = (body['TaskTemplate'] ?? {}) as Json;
  const container = task['ContainerSpec'] as Json | undefined;
  const spec =
    container === undefined
      ? {}
      : { ContainerSpec: { ...withMounts(container, labels), Labels: written(container['Labels'], labels) } };
  return {
    ...body,
    Labels: written(body['Labels'], labels),
    ...(body['TaskTemplate'] === undefined ? {} : { TaskTemplate: { ...task, ...spec } }),
  };
}

/** Volumes that a mount makes; the labels of one that exists already stay as they are. */
function withMounts(holder: Json, labels: Labels): Json {
  const { Mounts: mounts } = holder;
  if (!Array.isArray(mounts)) return holder;
  return {
    ...holder,
    Mounts: (mounts as Json[]).map((mount) => {
      if (mount['Type'] !== 'volume') return mount;
      const options = (mount['VolumeOptions'] ?? {}) as Json;
      return { ...mount, VolumeOptions: { ...options, Labels: written(options['Labels'], labels) } };
    }),
  };
}

/** Labels without any that only the gateway sets, and then those. */
function written(given: unknown, own: Labels): Labels {
  const theirs = Object.entries((given ?? {}) as Labels).filter(([label]) => !OWN_LABEL.test(label));
  return { ...Object.fromEntries(theirs), ...own };
}
