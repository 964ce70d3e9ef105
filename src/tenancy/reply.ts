import type { Content } from '../docker/content.ts';
import { writeContent } from '../docker/content.ts';
import type { ApiRequest, Filters } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import type { AskEngine } from '../upstream/ask.ts';
import type { Means } from './locate.ts';
import { isAskedFor } from './names/events.ts';
import { listedByName, uncounted } from './names/lists.ts';
import { namesStandIn, renamed } from './names/replies.ts';
import type { Usage } from './quota/usage.ts';
import { taken } from './refer.ts';
import { ID, scrub } from './view/errors.ts';
import { editMembers } from './view/raw-json.ts';
import { type Ask, type View, viewOf } from './view/view.ts';

/** What is made, and so looked at again when the Engine says so; and what the Engine calls it then. */
const MAKES: ReadonlyMap<string, 'Id' | 'ID' | 'Name'> = new Map([
  ['ContainerCreate', 'Id'],
  ['VolumeCreate', 'Name'],
  ['NetworkCreate', 'Id'],
  ['ServiceCreate', 'ID'],
]);

/** How many names and ids of one error are looked for: the Engine's words have few, an echo of the client's own many. */
const MOST_SOUGHT = 20;

/** What a reply is rewritten with. */
export interface ReplyMeans {
  readonly means: Means;
  readonly ask: AskEngine;
  /** The request as the client meant it, before it was widened. */
  readonly api: ApiRequest;
  readonly content: Content | undefined;
  /** Told when the Engine has answered, with what it made; throws a Refusal when that can not stay. */
  settle(status: number, created: string | undefined): Promise<void>;
  /** What the principal's tenant has of its quota, where it has one. */
  usage(): Promise<Usage | undefined>;
  /** Whether a quota counts what the request does, so that it may have to be taken back. */
  readonly isCounted: boolean;
}

/** What becomes of one reply of the Engine on its way to a client who may not see everything. */
export class TenantReply {
  readonly #with: ReplyMeans;
  readonly #view: View | undefined;

  constructor(given: ReplyMeans) {
    this.#with = given;
    this.#view = viewOf(given.api.operation.id);
  }

  /** Whether the request makes something that is looked at again once it stands, or is counted until it does. */
  get isMaking(): boolean {
    return this.#with.isCounted || MAKES.has(this.#with.api.operation.id);
  }

  /** Whether a reply of that status has to be read whole before the client gets it. */
  isWhole(status: number): boolean {
    if (status >= 400 || this.#isNamed('whole')) return true;
    return this.isMaking || (status === 200 && this.#view?.kind === 'json');
  }

  /** Whether it is a stream of lines, each of which is shown or not. */
  isLines(status: number): boolean {
    return status === 200 && (this.#view?.kind === 'lines' || this.#isNamed('lines'));
  }

  /** Whether names stand in it that are not the reader's own. */
  #isNamed(as: 'whole' | 'lines'): boolean {
    const { api, means } = this.#with;
    return means.names.areOwn && namesStandIn(api.operation.id, as);
  }

  /**
   * @param body of the Engine's reply
   * @returns what the client gets
   * @throws Refusal in its place
   */
  async whole(status: number, body: string): Promise<string> {
    const { api, means, settle } = this.#with;
    if (status >= 400) {
      await settle(status, undefined);
      return this.#error(body);
    }
    if (this.isMaking) {
      const member = MAKES.get(api.operation.id);
      await settle(status, member === undefined ? undefined : createdIn(member, body));
      return readable(async () => this.#named(body));
    }
    const view = this.#view;
    const asked = means.names.areOwn ? uncounted(api) : api;
    const seen =
      view?.kind !== 'json' ? body : await readable(() => view.rewrite(body, means.sight, asked, this.#ask));
    const shown = await readable(async () => this.#named(seen));
    return api.operation.id === 'SystemInfo' ? this.#withUsage(shown) : shown;
  }

  /** With the names that the reader knows; of a list, what has those that it asked for. */
  #named(body: string): string {
    const { api, means } = this.#with;
    if (!means.names.areOwn) return body;
    return listedByName(api, renamed(api.operation.id, body, means.names));
  }

  /** @returns undefined when the line is not shown */
  async line(text: string): Promise<string | undefined> {
    const { api, means } = this.#with;
    const kept = this.#view?.kind === 'lines' ? await this.#view.keep(text, means.sight) : text;
    if (kept === undefined || !means.names.areOwn) return kept;
    const shown = renamed(api.operation.id, kept, means.names);
    const filters = (api.query['filters'] ?? {}) as Filters;
    return api.operation.id !== 'SystemEvents' || isAskedFor(shown, filters) ? shown : undefined;
  }

  /** What a tenant has and may have, where `docker info` shows labels. */
  async #withUsage(info: string): Promise<string> {
    const usage = await this.#with.usage();
    if (usage === undefined) return info;
    const { ports, ...counted } = usage;
    const labels = Object.entries(counted)
      .filter(([, { allowed }]) => allowed !== undefined)
      .map(([name, { text }]) => `io.quaywarden.quota.${name}=${text}`);
    if (ports !== undefined) labels.push(`io.quaywarden.quota.ports=${ports}`);
    return editMembers(info, new Map([['Labels', () => JSON.stringify(labels)]]));
  }

  /** An error's words may name what others have. */
  async #error(body: string): Promise<string> {
    const { sight, names } = this.#with.means;
    if (sight.all('container') && sight.all('network') && sight.all('volume') && sight.all('image'))
      return body;
    if (body.trim() === '') return body;
    let message: unknown;
    try {
      ({ message } = JSON.parse(body) as { readonly message?: unknown });
    } catch {
      return `${JSON.stringify({ message: 'the Engine refused the request, and its reason can not be read' })}\n`;
    }
    if (typeof message !== 'string') return body;
    await this.#checkTaken(message);
    return `${JSON.stringify({ message: await scrub(names.text(message), this.#known()) })}\n`;
  }

  /** The name of a network is one for all, and one that is another's can not be found by whoever may not have it. */
  async #checkTaken(message: string): Promise<void> {
    const { api, content, means } = this.#with;
    const { Name: name } = (content?.value ?? {}) as { readonly Name?: string };
    if (api.operation.id !== 'NetworkCreate' || name === undefined || !/already exists/.test(message)) return;
    if ((await means.lookup.find('network', name, 'Name')) === undefined)
      throw taken('network', name, 'Name');
  }

  /**
   * Tells whether something that looks like an id was in the request, or is one of what the principal sees. Each is
   * looked for once: how long an error is, a client may have a say in.
   */
  #known(): (token: string) => Promise<boolean> {
    const { api, content } = this.#with;
    const target = decodeURIComponent(api.target.replaceAll('+', ' '));
    const said = content === undefined ? target : `${target} ${writeContent(content)}`;
    const ids = new Set(said.match(ID));
    const sought = new Map<string, Promise<boolean>>();
    return async (token) => {
      if (ids.has(token)) return true;
      const known = sought.get(token);
      if (known !== undefined) return known;
      if (sought.size >= MOST_SOUGHT) return false;
      const answer = said.includes(token) ? Promise.resolve(true) : this.#isSeen(token);
      sought.set(token, answer);
      return answer;
    };
  }

  async #isSeen(token: string): Promise<boolean> {
    const { lookup } = this.#with.means;
    for (const kind of ['container', 'network'] as const) {
      const found = await lookup.find(kind, token, 'message').catch(() => undefined);
      if (found !== undefined) return true;
    }
    return (await lookup.image(token, 'message').catch(() => undefined)) !== undefined;
  }

  readonly #ask: Ask = async (target) => {
    const { status, text } = await this.#with.ask('GET', target);
    if (status === 200) return text;
    throw new Refusal(502, 'engine-can-not-tell', 'the Engine could not tell what is yours');
  };
}

/** What a 201 names. */
function createdIn(member: string, body: string): string {
  const created = parsed(body)[member];
  if (typeof created !== 'string') throw garbled();
  return created;
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw garbled(cause);
  }
}

/** What can not be read can not be shown in part. */
async function readable(rewrite: () => Promise<string>): Promise<string> {
  try {
    return await rewrite();
  } catch (cause) {
    throw cause instanceof Refusal ? cause : garbled(cause);
  }
}

function garbled(cause?: unknown): Refusal {
  return new Refusal(502, 'engine-garbled', 'the answer of the Docker Engine can not be read', { cause });
}
