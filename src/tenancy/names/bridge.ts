import { Refusal } from '../../errors.ts';
import type { AskEngine } from '../../upstream/ask.ts';
import { DEFAULT_NETWORK_LABEL, type Labels, ownLabels, TENANT_LABEL } from '../labels.ts';
import { BRIDGE } from './names.ts';
import { prefixOf } from './prefix.ts';

/**
 * Records what the gateway is about to do of its own accord, before it does it.
 *
 * @returns to be called with the status of the Engine's answer
 * @throws Refusal 503 `audit-unavailable`: it must not be done then
 */
export type Acts = (what: {
  readonly operation: string;
  readonly resource: string;
  readonly reason: string;
}) => Promise<(status: number) => void>;

interface Listed {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Labels: Labels | null;
}

/**
 * The network that a tenant's containers join which name none: one of its own, made when it is first needed, which the
 * tenant knows as `bridge`. Several gateways may make one at once; all take the oldest.
 */
export class DefaultNetworks {
  readonly #ask: AskEngine;
  /** Under way, by tenant, so that a burst of requests makes one. */
  readonly #made = new Map<string, Promise<string>>();

  constructor(ask: AskEngine) {
    this.#ask = ask;
  }

  /**
   * The full id of a tenant's.
   *
   * @param principal for whom it is made where it is not there; its tenant owns it
   * @param acts records that it is made
   * @throws Refusal 409 `name-taken`, 502 `network-not-made`, 503 `audit-unavailable`
   */
  async of(principal: { readonly tenant: string; readonly name: string }, acts: Acts): Promise<string> {
    const { tenant } = principal;
    const found = await this.#find(tenant);
    if (found !== undefined) return found;
    const known = this.#made.get(tenant);
    if (known !== undefined) return known;
    const made = this.#make(principal, acts).finally(() => this.#made.delete(tenant));
    this.#made.set(tenant, made);
    return made;
  }

  async #make(principal: { readonly tenant: string; readonly name: string }, acts: Acts): Promise<string> {
    const { tenant } = principal;
    const made = await acts({
      operation: 'NetworkCreate',
      resource: `network/${tenant}/${BRIDGE}`,
      reason: 'default-network',
    });
    const { status, text } = await this.#ask('POST', '/networks/create', {
      Name: prefixOf(tenant) + BRIDGE,
      CheckDuplicate: true,
      Driver: BRIDGE,
      Labels: { ...ownLabels(principal), [DEFAULT_NETWORK_LABEL]: 'true' },
    });
    made(status);
    const own = status === 201 ? (JSON.parse(text) as { readonly Id: string }).Id : undefined;
    const oldest = await this.#find(tenant);
    if (own !== undefined && oldest !== undefined && own !== oldest)
      await this.#ask('DELETE', `/networks/${own}`);
    if (oldest !== undefined) return oldest;
    throw new Refusal(502, 'network-not-made', 'the network of your tenant could not be made', {
      cause: new Error(`${status} ${text.slice(0, 512)}`),
    });
  }

  /** Of those that carry the tenant's label, which nobody else can give, the first. */
  async #find(tenant: string): Promise<string | undefined> {
    const label = [`${TENANT_LABEL}=${tenant}`, `${DEFAULT_NETWORK_LABEL}=true`];
    const { status, text } = await this.#ask(
      'GET',
      `/networks?filters=${encodeURIComponent(JSON.stringify({ label }))}`,
    );
    if (status !== 200) {
      throw new Refusal(502, 'engine-can-not-tell', 'the Engine could not tell which network is yours');
    }
    const [oldest] = (JSON.parse(text) as Listed[])
      .filter(({ Name }) => Name === prefixOf(tenant) + BRIDGE)
      .sort((a, b) => Date.parse(a.Created) - Date.parse(b.Created) || (a.Id < b.Id ? -1 : 1));
    return oldest?.Id;
  }
}
