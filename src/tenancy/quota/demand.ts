import type { Content } from '../../docker/content.ts';
import type { Facts } from '../../docker/facts/types.ts';
import type { ApiRequest } from '../../docker/types.ts';
import { type Amounts, amounts, type Dimension } from './amounts.ts';
import type { Holding } from './holdings.ts';

/** A request whose quota is asked for, judged and ready to be forwarded. */
export interface QuotaRequest {
  readonly api: ApiRequest;
  readonly content: Content | undefined;
  readonly facts: Facts;
  /** Whose quota it counts against: the owner of an object that is there, the principal's tenant for a new one. */
  readonly tenant: string;
  /** Full id of the container or service that is acted on. */
  readonly actedOn?: string | undefined;
  /** Names of the volumes that the gateway makes for a ContainerCreate, because they are not there yet. */
  readonly newVolumes?: readonly string[] | undefined;
  /** Aborted when the client is gone, which then waits no longer; made when somebody waits. */
  readonly signal?: (() => AbortSignal) | undefined;
}

/** What a request adds to what a tenant has. */
export interface Demand {
  readonly adds: Amounts;
  /** Fields that say so. */
  readonly fields: Readonly<Partial<Record<Dimension, string>>>;
  /** Limits that the request leaves out or takes away. */
  readonly unlimited: readonly Unlimited[];
}

export interface Unlimited {
  readonly of: 'memory' | 'cpus';
  readonly field: string;
  /** What gives a limit: `docker run --memory`. */
  readonly remedy: string;
}

/** How an operation is counted. */
export interface Plan {
  readonly kind: Holding['kind'];
  /** Every dimension that it may add to. */
  readonly adds: readonly Dimension[];
  /** Dimensions in which it may add more than the request tells, which is seen when it is there. */
  readonly unseen?: readonly Dimension[];
  /** The event after which it counts; absent where it can not be taken back. */
  readonly event?: 'create' | 'start';
  /** Whether it makes something that needs every limit that is counted. */
  readonly makes: boolean;
  demand(request: QuotaRequest, held: readonly Holding[]): Demand;
}

/** A demand for what has no limits. */
export function pieces(some: Partial<Amounts>): Demand {
  return { adds: amounts(some), fields: {}, unlimited: [] };
}
