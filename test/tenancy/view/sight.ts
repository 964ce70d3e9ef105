import { readFileSync } from 'node:fs';
import { findOperation } from '../../../src/docker/operations.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import type { ApiRequest } from '../../../src/docker/types.ts';
import { TENANT_LABEL } from '../../../src/tenancy/labels.ts';
import type { Sight } from '../../../src/tenancy/sight.ts';
import { type JsonView, type LinesView, viewOf } from '../../../src/tenancy/view/view.ts';

/** What dockerd 20.10 answered (API 1.41), by operationId; the objects of tenants a and b side by side. */
export const REAL: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('real-replies.json', import.meta.url), 'utf8'),
);
/** Its error texts. */
export const REAL_ERRORS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('real-errors.json', import.meta.url), 'utf8'),
);

export function real(name: string): string {
  const reply = REAL[name];
  if (reply === undefined) throw new Error(`no reply of ${name} was recorded`);
  return reply;
}

export interface Seen {
  /** Ids of what is seen beside the objects with the tenant's label. */
  readonly ids?: readonly string[];
  readonly images?: readonly string[];
  readonly all?: readonly Parameters<Sight['all']>[0][];
}

/** The sight of a principal of tenant a. */
export function sightOf({ ids = [], images = [], all = [] }: Seen = {}): Sight {
  const known = new Set(ids);
  return {
    tenant: 'a',
    all: (kind) => all.includes(kind),
    sees: async ({ id, labels, serviceId = '' }) =>
      labels[TENANT_LABEL] === 'a' || known.has(id) || known.has(serviceId),
    seesImage: (reference) => images.includes(reference),
    seesById: async (_kind, id) => known.has(id),
  };
}

export const EVERYTHING: Sight = {
  tenant: 'a',
  all: () => true,
  sees: () => Promise.reject(new Error('nothing has to be looked at')),
  seesImage: () => true,
  seesById: () => Promise.reject(new Error('nothing has to be looked at')),
};

export function api(line: string): ApiRequest {
  const [method = '', target = ''] = line.split(' ');
  return parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
}

/** A request of the operation without parameters, in version 1.41. */
export function plainly(operationId: string): ApiRequest {
  const operation = findOperation(operationId);
  if (operation === undefined) throw new Error(`no operation ${operationId}`);
  return api(`${operation.method} /v1.41${operation.path.replace(/\{\w+\}/g, 'x')}`);
}

export function jsonView(operationId: string): JsonView {
  const view = viewOf(operationId);
  if (view?.kind !== 'json') throw new Error(`${operationId} has no view of a whole reply`);
  return view;
}

export function linesView(operationId: string): LinesView {
  const view = viewOf(operationId);
  if (view?.kind !== 'lines') throw new Error(`${operationId} has no view of lines`);
  return view;
}

/** The reply as a principal sees it. */
export function viewed(
  operationId: string,
  body: string,
  sight: Sight,
  request: ApiRequest = plainly(operationId),
): Promise<string> {
  return jsonView(operationId).rewrite(body, sight, request, () =>
    Promise.reject(new Error('nothing is to be asked')),
  );
}
