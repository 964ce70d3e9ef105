import { encodeFilters } from '../../docker/filters.ts';
import { TENANT_LABEL } from '../labels.ts';

/** Asks the Engine on the gateway's own behalf. */
export interface EngineReader {
  /**
   * GET.
   *
   * @param target path and query: `/containers/json?all=1`
   * @returns the parsed JSON; undefined when the Engine has no such thing: 404, and 503 of `/services` and `/tasks`
   *   on an Engine that manages no swarm (`This node is not a swarm manager`)
   * @throws Refusal 502 or 503 when the Engine can not tell
   */
  get(target: string): Promise<unknown>;
}

/** A container in `GET /containers/json`. */
export interface ListedContainer {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly State: string;
  /** Seconds. */
  readonly Created: number;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Mounts?: readonly { readonly Type?: string; readonly Name?: string }[] | null;
}

/** The part of an inspected container that limits it. */
export interface InspectedContainer {
  readonly HostConfig?: {
    readonly Memory?: number;
    readonly NanoCpus?: number;
    readonly CpuQuota?: number;
    readonly CpuPeriod?: number;
  };
}

/** The part of a service's spec that says how many tasks there are, and what each may use. */
export interface ListedServiceSpec {
  readonly Name?: string;
  readonly TaskTemplate?: {
    readonly Resources?: {
      readonly Limits?: { readonly MemoryBytes?: Count; readonly NanoCPUs?: Count };
    };
  };
  readonly Mode?: {
    readonly Replicated?: { readonly Replicas?: Count };
    readonly ReplicatedJob?: { readonly MaxConcurrent?: Count };
  };
}

/** As JSON.parse or a body's model reads it. */
export type Count = number | bigint;

/** A service in `GET /services`. */
export interface ListedService {
  readonly ID: string;
  readonly CreatedAt?: string;
  readonly Spec: ListedServiceSpec;
  readonly PreviousSpec?: ListedServiceSpec;
}

/** A task in `GET /tasks`. */
export interface ListedTask {
  readonly ID: string;
  readonly Status?: { readonly ContainerStatus?: { readonly ContainerID?: string } };
}

/** A target that lists what carries a tenant's label. */
export function labelled(path: string, tenant: string): string {
  return filtered(path, { label: [`${TENANT_LABEL}=${tenant}`] });
}

/** A target with filters. @param path without version, which every Engine understands; a query it has is kept */
export function filtered(path: string, filters: Readonly<Record<string, readonly string[]>>): string {
  const separator = path.includes('?') ? '&' : '?';
  return `${path}${separator}filters=${encodeURIComponent(encodeFilters(filters))}`;
}
