import type { MapReference, ReferenceKind } from '../docker/references.ts';
import type { Lookup } from './lookup.ts';
import { isEnginesNetwork, type Owned } from './owned.ts';
import { unparsed } from './resource.ts';

interface Noted {
  readonly kind: ReferenceKind;
  readonly reference: string;
  readonly field: string;
}

/** The references of one request: noted first, then resolved, then written as what they stand for. */
export class Resolution {
  readonly #lookup: Lookup;
  readonly #status: 400 | 404;
  readonly #noted = new Map<string, Noted>();
  readonly #owned = new Map<string, Owned>();
  readonly #images = new Map<string, Awaited<ReturnType<Lookup['image']>>>();

  /** @param status of the refusal when an object is not there */
  constructor(lookup: Lookup, status: 400 | 404 = 404) {
    this.#lookup = lookup;
    this.#status = status;
  }

  get isEmpty(): boolean {
    return this.#noted.size === 0;
  }

  /** The objects that were named, each once. */
  get objects(): readonly Owned[] {
    return [
      ...new Map([...this.#owned.values()].map((owned) => [`${owned.kind}/${owned.id}`, owned])).values(),
    ];
  }

  /** For each image that was named, the names under which the principal sees it. */
  get images(): readonly (readonly string[])[] {
    return [...this.#images.values()].map(({ names }) => names);
  }

  /** Remembers a reference; changes nothing. */
  readonly note: MapReference = (kind, reference, field) => {
    const key = `${kind}/${reference}`;
    if (!this.#noted.has(key)) this.#noted.set(key, { kind, reference, field });
    return reference;
  };

  /** @throws Refusal 404 when the principal sees no such object; 400 `image-name` for what can not be judged as one */
  async resolve(): Promise<void> {
    for (const [key, { kind, reference, field }] of this.#noted) {
      if (kind === 'image') {
        const found = await this.#lookup.image(reference, field);
        if (found.names.length === 0) unparsed(reference);
        this.#images.set(key, found);
      } else this.#owned.set(key, await this.#lookup.object(kind, reference, field, this.#status));
    }
  }

  /** Writes a reference as the full id; a network that every Engine has, by its name. */
  readonly toId: MapReference = (kind, reference) => {
    if (kind === 'image') {
      const { id, full = reference } = this.#images.get(`image/${reference}`) ?? {};
      return id ?? full;
    }
    const owned = this.#owned.get(`${kind}/${reference}`);
    if (owned === undefined) return reference;
    return isEnginesNetwork(owned) ? owned.name : owned.id;
  };

  /** Writes a reference as the name, for policies that speak of names. */
  readonly toName: MapReference = (kind, reference) => {
    const name = this.#owned.get(`${kind}/${reference}`)?.name;
    return name === undefined || name === '' ? reference : name;
  };
}
