import type { Content } from '../../docker/content.ts';
import type { Facts } from '../../docker/facts/types.ts';
import type { ApiRequest } from '../../docker/types.ts';

/** A request as mutations see it and change it. */
export interface Draft {
  readonly api: ApiRequest;
  /** Absent where the request has no JSON body. */
  readonly content: Content | undefined;
  /** Facts of the request as it came: what is asked for explicitly is never overridden. */
  readonly facts: Facts;
}

/** What a mutation made of a request. */
export interface Mutated {
  readonly api?: ApiRequest;
  readonly content?: Content;
  /** What was changed, for the audit record and for the client: "no-new-privileges was added". */
  readonly change: string;
}

/** One way in which a request is changed; undefined when there is nothing to change. Pure. */
export type Mutation = (draft: Draft) => Mutated | undefined;

type Fields = Readonly<Record<string, unknown>>;

/** The content of a ContainerCreate with other HostConfig fields. */
export function withHostConfig(content: Content, fields: Fields): Content {
  const value = content.value as Fields;
  const hostConfig = { ...((value['HostConfig'] as Fields | undefined) ?? {}), ...fields };
  return { ...content, value: { ...value, HostConfig: hostConfig } };
}

/** One HostConfig field of a ContainerCreate. */
export function hostConfigOf(content: Content, name: string): unknown {
  return ((content.value as Fields)['HostConfig'] as Fields | undefined)?.[name];
}
