import type { Content } from '../docker/content.ts';
import type { Facts } from '../docker/facts/types.ts';
import { findOperation } from '../docker/operations.ts';
import { encodeName } from '../docker/path.ts';
import { withQuery } from '../docker/request.ts';
import type { ApiRequest } from '../docker/types.ts';
import type { Principal } from '../identity/principal.ts';
import type { DecisionOn, Policy } from '../policy/decision.ts';
import type { AskEngine } from '../upstream/ask.ts';
import { withBlankedLabels } from './claim.ts';
import { ownLabels } from './labels.ts';
import { type Located, locate, type Means } from './locate.ts';
import { Lookup } from './lookup.ts';
import { Objects } from './objects.ts';
import { PolicySight, resourceOf } from './policy-sight.ts';
import { type Referred, refer, referInArchive, taken } from './refer.ts';
import { TenantReply } from './reply.ts';
import type { Resource } from './resource.ts';
import { viewOf } from './view/view.ts';
import { MountedVolumes } from './volumes.ts';

/** Keeps what tenants have apart: one for a gateway. */
export class Tenancy {
  readonly #policy: Policy;
  readonly #ask: AskEngine;
  readonly #objects: Objects;

  constructor(policy: Policy, ask: AskEngine) {
    this.#policy = policy;
    this.#ask = ask;
    this.#objects = new Objects((target) => ask('GET', target));
  }

  /** Opens one request. */
  of(principal: Principal, api: ApiRequest): TenantRequest {
    const sight = new PolicySight(this.#policy, this.#objects, principal, api.version);
    const lookup = new Lookup(this.#objects, sight, api.operation.id);
    return new TenantRequest(principal, { objects: this.#objects, sight, lookup }, this.#ask);
  }
}

/** One request, as far as it is about whose things are. */
export class TenantRequest {
  readonly sight: PolicySight;
  readonly #principal: Principal;
  readonly #means: Means;
  readonly #ask: AskEngine;
  readonly #volumes: MountedVolumes;
  #located: Located | undefined;
  #referred: Referred | undefined;
  /** The request before it was widened so that its answer can be judged. */
  #wanted: ApiRequest | undefined;

  constructor(principal: Principal, means: Means, ask: AskEngine) {
    this.#principal = principal;
    this.#means = means;
    this.#ask = ask;
    this.sight = means.sight;
    this.#volumes = new MountedVolumes(ask, means.objects, means.sight);
  }

  /** Whose the objects are that path and query name. @throws Refusal; see `locate` */
  async locate(api: ApiRequest): Promise<Located> {
    this.#located = await locate(api, this.#means);
    return this.#located;
  }

  /**
   * What the policy says of an exec instance's container: whoever may not exec into it may not drive what runs in it.
   *
   * @returns the denial; undefined where there is none
   */
  denialOnContainer(api: ApiRequest): DecisionOn | undefined {
    const container = this.#located?.object;
    const exec = findOperation('ContainerExec');
    if (api.operation.kind !== 'exec' || container === undefined || exec === undefined) return undefined;
    const resource = resourceOf(container);
    const decision = this.sight.asked(exec, resource);
    return decision.effect === 'deny' ? { ...decision, resource } : undefined;
  }

  /** Whose the objects are that the body names, and whose what is made will be. @throws Refusal; see `refer` */
  async refer(api: ApiRequest, content: Content | undefined): Promise<Referred> {
    const object = this.#located?.object;
    const referred = await refer({ api, content, object }, ownLabels(this.#principal), this.#means);
    const view = viewOf(api.operation.id);
    this.#wanted = referred.api;
    const widened = view?.kind === 'json' ? view.widen?.(referred.api, this.sight) : undefined;
    this.#referred = widened === undefined ? referred : { ...referred, api: widened };
    return this.#referred;
  }

  /** The request with what the gateway alone may write into it, once it was judged as the client made it. */
  sealed(api: ApiRequest): ApiRequest {
    return api.operation.id === 'ImageCommit' ? withQuery(api, withBlankedLabels(api.query)) : api;
  }

  /** What becomes of the Engine's answer on its way to the client. */
  reply(api: ApiRequest): TenantReply {
    return new TenantReply({
      means: this.#means,
      ask: this.#ask,
      api: this.#wanted ?? api,
      content: this.#referred?.content,
      settle: (status, created) => this.#settle(api, status, created),
    });
  }

  /** What an archive must be read for, whoever minds. */
  archiveNeeds(): readonly ('baseImages' | 'loadedImages')[] {
    return this.sight.all('image') ? [] : ['baseImages', 'loadedImages'];
  }

  /** What an archive names. @throws Refusal; see `referInArchive` */
  referInArchive(api: ApiRequest, facts: Facts): readonly Resource[] {
    return this.sight.all('image') ? [] : referInArchive(api, facts, this.#means);
  }

  /**
   * What has to be there before the request is forwarded; the record of the decision stands by then.
   *
   * @throws Refusal; nothing is left behind then
   */
  async before(api: ApiRequest): Promise<void> {
    const { objects } = this.#means;
    if (api.operation.id === 'VolumeCreate') await this.#checkVolume();
    await this.#volumes.make(this.#referred?.volumes ?? []);
    // A name that was remembered is no longer true.
    const id = this.#located?.object?.id;
    if (api.operation.id === 'ContainerRename' && id !== undefined) objects.forget('container', id);
  }

  /**
   * What is left to do once the Engine has answered.
   *
   * @param status of its answer
   * @param created the id of the container that it made, or the name of the volume
   * @throws Refusal in place of its answer, when what it made can not stay
   */
  async #settle(api: ApiRequest, status: number, created: string | undefined): Promise<void> {
    if (status >= 400) {
      await this.#volumes.undo();
      return;
    }
    if (created === undefined) return;
    const { id } = api.operation;
    if (id === 'ContainerCreate') {
      const { volumes = [], held = [] } = this.#referred ?? {};
      const foreign = await this.#volumes.foreign([...volumes.map(({ name }) => name), ...held]);
      if (foreign === undefined) {
        this.#remember(api, created);
        return;
      }
      await this.#ask('DELETE', `/containers/${encodeName(created)}?force=1`).catch(() => undefined);
      await this.#volumes.undo();
      throw taken('volume', foreign, 'HostConfig');
    }
    // 201 is also the answer to a name that another was faster to take.
    if (id === 'VolumeCreate' && !(await this.sight.seesById('volume', created))) {
      throw taken('volume', created, 'Name');
    }
  }

  /** So that what becomes of it can be told even when it is gone. */
  #remember({ query }: ApiRequest, id: string): void {
    const { name } = query;
    if (typeof name !== 'string' || name === '') return;
    const { tenant } = this.#principal;
    this.#means.objects.know({ kind: 'container', id, name: name.replace(/^\//, ''), tenant });
  }

  /** A create that names what another has would be answered with the other's volume, labels and all. */
  async #checkVolume(): Promise<void> {
    const { Name: name = '' } = (this.#referred?.content?.value ?? {}) as { readonly Name?: string };
    if (name === '') return;
    const { lookup, objects } = this.#means;
    if ((await lookup.find('volume', name, 'Name')) !== undefined) return;
    if ((await objects.find('volume', name)) !== undefined) throw taken('volume', name, 'Name');
  }
}
