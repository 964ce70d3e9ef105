import { createHash } from 'node:crypto';
import type { EngineReader } from '../../../src/tenancy/quota/engine.ts';
import type { EngineEvent } from '../../../src/tenancy/quota/heard.ts';

interface FakeContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Mounts: readonly { readonly Type: string; readonly Name: string }[];
  State: string;
  hostConfig: Readonly<Record<string, number>>;
}

interface FakeImage {
  readonly Id: string;
  readonly Size: number;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
}

export interface FakeContainerSpec {
  readonly tenant?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostConfig?: Readonly<Record<string, number>>;
  readonly state?: string;
  readonly mounts?: FakeContainer['Mounts'];
  /** Seconds since it was made, as the Engine says. */
  readonly age?: number;
}

/**
 * An Engine of lists: what is made shows first, gets its event then and is answered last, with a step between each two,
 * as on dockerd. Each gateway hears of events in its own time.
 */
export class FakeEngine implements EngineReader {
  readonly containers = new Map<string, FakeContainer>();
  readonly volumes = new Map<string, string>();
  readonly networks = new Map<string, string>();
  services: Record<string, unknown>[] | undefined;
  tasks: unknown[] = [];
  images: FakeImage[] = [];
  /** Targets asked for, in order. */
  readonly asked: string[] = [];
  failing = false;
  readonly #step: (what: string) => Promise<unknown>;
  readonly #ears: ((event: EngineEvent) => void)[] = [];
  #made = 0;
  #clock = 1_795_692_085_000_000_000;

  /** @param step resolves when the next thing may happen */
  constructor(step: (what: string) => Promise<unknown> = async () => {}) {
    this.#step = step;
  }

  follow(ear: (event: EngineEvent) => void): void {
    this.#ears.push(ear);
  }

  async get(target: string): Promise<unknown> {
    this.asked.push(target);
    await this.#step(`asks ${target}`);
    if (this.failing) throw new Error('the Engine is gone');
    const found = this.#find(new URL(target, 'http://d'));
    const copy = found === undefined ? undefined : structuredClone(found);
    await this.#step(`is told ${target}`);
    return copy;
  }

  /** How many containers a tenant has. */
  count(tenant: string): number {
    return this.#of(this.containers, tenant).length;
  }

  put(spec: FakeContainerSpec): string {
    const Id = createHash('sha256')
      .update(`container ${this.#made++}`)
      .digest('hex');
    this.containers.set(Id, {
      Id,
      Names: [`/c${this.#made}`],
      // All in one second, as in a burst.
      Created: 1_795_692_085 - (spec.age ?? 0),
      Labels: {
        ...(spec.tenant === undefined ? {} : { 'io.quaywarden.tenant': spec.tenant }),
        ...spec.labels,
      },
      Mounts: spec.mounts ?? [],
      State: spec.state ?? 'created',
      hostConfig: spec.hostConfig ?? {},
    });
    return Id;
  }

  async create(spec: FakeContainerSpec): Promise<string> {
    await this.#step('creates');
    const id = this.put(spec);
    await this.#step('shows');
    this.tell('container', 'create', id);
    await this.#step('answers');
    return id;
  }

  async start(id: string): Promise<void> {
    await this.#step('starts');
    const container = this.containers.get(id);
    if (container !== undefined) container.State = 'running';
    await this.#step('runs');
    this.tell('container', 'start', id);
    await this.#step('answers');
  }

  async stop(id: string): Promise<void> {
    await this.#step('stops');
    const container = this.containers.get(id);
    if (container !== undefined) container.State = 'exited';
  }

  async update(id: string, hostConfig: Readonly<Record<string, number>>): Promise<void> {
    await this.#step('updates');
    const container = this.containers.get(id);
    if (container !== undefined) container.hostConfig = { ...container.hostConfig, ...hostConfig };
    this.tell('container', 'update', id);
    await this.#step('answers');
  }

  async remove(id: string): Promise<void> {
    await this.#step('removes');
    this.containers.delete(id);
  }

  async createNamed(kind: 'volume' | 'network', tenant: string, name: string): Promise<string> {
    await this.#step('creates');
    const map = kind === 'volume' ? this.volumes : this.networks;
    if (kind === 'volume' && map.has(name)) return name;
    map.set(name, tenant);
    await this.#step('shows');
    this.tell(kind, 'create', name);
    await this.#step('answers');
    return name;
  }

  tell(Type: string, Action: string, ID: string): void {
    this.#clock += 1_000_000;
    const event = { Type, Action, Actor: { ID }, timeNano: this.#clock };
    for (const ear of this.#ears) void this.#step('is heard').then(() => ear(event));
  }

  #find({ pathname, searchParams }: URL): unknown {
    const path = pathname;
    const filters = JSON.parse(searchParams.get('filters') ?? '{}') as Record<
      string,
      Record<string, boolean>
    >;
    const tenant = Object.keys(filters['label'] ?? {})[0]?.replace('io.quaywarden.tenant=', '') ?? '';
    switch (path) {
      case '/containers/json':
        return this.#of(this.containers, tenant).map(({ hostConfig, ...listed }) => listed);
      case '/services':
        return this.services;
      case '/tasks':
        return this.tasks;
      case '/volumes':
        return { Volumes: named(this.volumes, tenant).map((Name) => ({ Name })) };
      case '/networks':
        return named(this.networks, tenant).map((Name) => ({
          Id: Name,
          Name,
          Labels: Name.endsWith('__bridge') ? { 'io.quaywarden.default-network': 'true' } : {},
        }));
      case '/images/json':
        return this.images;
      default: {
        const container = this.containers.get(/^\/containers\/([0-9a-f]+)\/json$/.exec(path)?.[1] ?? '');
        return container === undefined ? undefined : { HostConfig: container.hostConfig };
      }
    }
  }

  #of(containers: ReadonlyMap<string, FakeContainer>, tenant: string): FakeContainer[] {
    return [...containers.values()].filter(({ Labels }) => Labels['io.quaywarden.tenant'] === tenant);
  }
}

function named(map: ReadonlyMap<string, string>, tenant: string): string[] {
  return [...map].filter(([, owner]) => owner === tenant).map(([name]) => name);
}
