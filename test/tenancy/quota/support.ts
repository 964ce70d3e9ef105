import { readContent } from '../../../src/docker/content.ts';
import { factsOf } from '../../../src/docker/facts/facts.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { Refusal } from '../../../src/errors.ts';
import type { QuotaRequest } from '../../../src/tenancy/quota/demand.ts';

/** A request as the pipeline has it when it is judged. @param line `POST /v1.41/containers/create` */
export function requestOf(
  line: string,
  body?: object,
  more: Partial<Pick<QuotaRequest, 'tenant' | 'actedOn' | 'newVolumes' | 'signal'>> = {},
): QuotaRequest {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  const content = body === undefined ? undefined : readContent(api, Buffer.from(JSON.stringify(body)));
  return { api, content, facts: factsOf(api, content?.value), tenant: 'team-a', ...more };
}

/** @param hostConfig of the container */
export function create(hostConfig: object = {}, more: Parameters<typeof requestOf>[2] = {}): QuotaRequest {
  return requestOf('POST /v1.41/containers/create', { Image: 'busybox', HostConfig: hostConfig }, more);
}

export function start(id: string): QuotaRequest {
  return requestOf(`POST /v1.41/containers/${id}/start`, undefined, { actedOn: id });
}

export function update(id: string, body: object): QuotaRequest {
  return requestOf(`POST /v1.41/containers/${id}/update`, body, { actedOn: id });
}

/** What a refusal says; the text `ok` when there is none. */
export async function said(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.status} ${error.reason}${error.field === undefined ? '' : ` ${error.field}`}: ${error.message}`;
  }
}

export const MIB = 1_048_576;
