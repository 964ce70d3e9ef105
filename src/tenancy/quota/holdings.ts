import { DEFAULT_NETWORK_LABEL } from '../labels.ts';
import { type Amounts, amounts, type Dimension } from './amounts.ts';
import {
  type EngineReader,
  filtered,
  type ListedContainer,
  type ListedService,
  type ListedServiceSpec,
  type ListedTask,
  labelled,
} from './engine.ts';
import type { LimitsOfContainers } from './limits.ts';
import { takeOfService } from './replicas.ts';

interface ListedNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** An object of a tenant's, and what it counts for. */
export interface Holding {
  readonly kind: 'container' | 'service' | 'volume' | 'network';
  /** Full id; of a volume its name. */
  readonly id: string;
  readonly name: string;
  readonly amounts: Amounts;
  /** Limits that it does not have, of those that were asked about. */
  readonly unlimited: readonly ('memory' | 'cpus')[];
  /** Of a container: when its making began, in seconds. */
  readonly created?: number;
  /** Of a service: when it was made. */
  readonly createdAt?: string;
  /** Of a service: its spec, and the one that a rollback brings back. */
  readonly specs?: { readonly now: ListedServiceSpec; readonly previous?: ListedServiceSpec };
}

/** States in which a container counts as running; one that is paused or about to be restarted is not stopped. */
const RUNNING: ReadonlySet<string> = new Set(['running', 'paused', 'restarting']);

/** What the Engine calls a volume that nobody named. */
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** Label of containers that are tasks. A client may set it, so it proves nothing. */
const TASK_LABEL = 'com.docker.swarm.task.id';

const OF_CONTAINERS: readonly Dimension[] = ['containers', 'running', 'memory', 'cpus'];

/**
 * Looks up what a tenant has: what carries its label, and volumes without a name that its containers mount. An image
 * may bring the label along into a container that is nobody's: that counts against the tenant that the label names and
 * gives it no right.
 *
 * @param of which dimensions are wanted: the others may be left out, or be wrong
 * @throws Refusal 502 or 503 when the Engine can not tell
 */
export async function holdingsOf(
  tenant: string,
  of: ReadonlySet<Dimension>,
  engine: EngineReader,
  limits: LimitsOfContainers,
): Promise<readonly Holding[]> {
  const ofContainers = OF_CONTAINERS.some((each) => of.has(each));
  const [containers, services, volumes, networks] = await Promise.all([
    ofContainers || of.has('volumes') ? containersOf(tenant, engine) : [],
    ofContainers ? servicesOf(tenant, engine) : [],
    of.has('volumes') ? volumesOf(tenant, engine) : [],
    of.has('networks') ? networksOf(tenant, engine) : [],
  ]);
  const own = ofContainers ? await withoutTasks(containers, services, engine) : containers;
  const limitsOf = of.has('memory') || of.has('cpus') ? await limits.of(own.map(({ Id }) => Id)) : undefined;
  const anonymous = anonymousVolumes(own, new Set(volumes.map(({ id }) => id)));
  return [
    ...own.flatMap((container): Holding[] => {
      const has = limitsOf?.get(container.Id);
      // Gone since the list was made.
      if (limitsOf !== undefined && has === undefined) return [];
      return [
        {
          kind: 'container',
          id: container.Id,
          name: container.Names?.[0]?.replace(/^\//, '') ?? container.Id.slice(0, 12),
          created: container.Created,
          amounts: amounts({
            containers: 1n,
            running: RUNNING.has(container.State) ? 1n : 0n,
            memory: has?.memory ?? 0n,
            cpus: has?.cpus ?? 0n,
            volumes: anonymous.get(container.Id) ?? 0n,
          }),
          unlimited: (['memory', 'cpus'] as const).filter(
            (each) => has !== undefined && of.has(each) && has[each] === undefined,
          ),
        },
      ];
    }),
    ...services.map(({ ID, CreatedAt = '', Spec, PreviousSpec }): Holding => {
      const { amounts: take, unlimited } = takeOfService(Spec);
      return {
        kind: 'service',
        id: ID,
        name: Spec.Name ?? ID,
        amounts: take,
        unlimited: unlimited.filter((each) => of.has(each)),
        createdAt: CreatedAt,
        specs: { now: Spec, ...(PreviousSpec === undefined ? {} : { previous: PreviousSpec }) },
      };
    }),
    ...volumes,
    ...networks,
  ];
}

async function containersOf(tenant: string, engine: EngineReader): Promise<readonly ListedContainer[]> {
  const listed = (await engine.get(labelled('/containers/json?all=1', tenant))) ?? [];
  // The oldest first, so that a volume counts for the one that has made it.
  return (listed as ListedContainer[]).toSorted((a, b) => a.Created - b.Created);
}

async function servicesOf(tenant: string, engine: EngineReader): Promise<readonly ListedService[]> {
  return ((await engine.get(labelled('/services', tenant))) ?? []) as ListedService[];
}

async function volumesOf(tenant: string, engine: EngineReader): Promise<readonly Holding[]> {
  const reply = (await engine.get(labelled('/volumes', tenant))) as
    | { readonly Volumes?: readonly { readonly Name: string }[] | null }
    | undefined;
  return (reply?.Volumes ?? []).map(({ Name }) => ({
    kind: 'volume',
    id: Name,
    name: Name,
    amounts: amounts({ volumes: 1n }),
    unlimited: [],
  }));
}

async function networksOf(tenant: string, engine: EngineReader): Promise<readonly Holding[]> {
  const listed = (await engine.get(labelled('/networks', tenant))) ?? [];
  // The network that containers join which name none: nobody asked for it (decisions/0009).
  const asked = (listed as ListedNetwork[]).filter(
    ({ Labels }) => Labels?.[DEFAULT_NETWORK_LABEL] === undefined,
  );
  return asked.map(({ Id, Name }) => ({
    kind: 'network',
    id: Id,
    name: Name,
    amounts: amounts({ networks: 1n }),
    unlimited: [],
  }));
}

/**
 * Containers that are tasks of the services count with their service already. The swarm says which they are; while it
 * does not say yet, one container for each task is taken at its word, for which the service counts.
 */
async function withoutTasks(
  containers: readonly ListedContainer[],
  services: readonly ListedService[],
  engine: EngineReader,
): Promise<readonly ListedContainer[]> {
  if (services.length === 0 || !containers.some(({ Labels }) => Labels?.[TASK_LABEL] !== undefined))
    return containers;
  const reply = await engine.get(filtered('/tasks', { service: services.map(({ ID }) => ID) }));
  const tasks = (reply ?? []) as readonly ListedTask[];
  const known = new Set<string>();
  const open = new Set<string>();
  for (const { ID, Status } of tasks) {
    const { ContainerID = '' } = Status?.ContainerStatus ?? {};
    if (ContainerID === '') open.add(ID);
    else known.add(ContainerID);
  }
  return containers.filter(({ Id, Labels }) => !known.has(Id) && !open.delete(Labels?.[TASK_LABEL] ?? ''));
}

/** How many volumes without a name each container brought, each counted once. */
function anonymousVolumes(
  containers: readonly ListedContainer[],
  counted: Set<string>,
): ReadonlyMap<string, bigint> {
  return new Map(
    containers.map(({ Id, Mounts }) => {
      let some = 0n;
      for (const { Type, Name = '' } of Mounts ?? []) {
        if (Type !== 'volume' || !ANONYMOUS.test(Name) || counted.has(Name)) continue;
        counted.add(Name);
        some += 1n;
      }
      return [Id, some];
    }),
  );
}
