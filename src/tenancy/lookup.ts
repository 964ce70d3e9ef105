import type { Soon } from '../at-once.ts';
import {
  formatImageName,
  parseImageName,
  parseImageReference,
  withDefaultTag,
} from '../docker/image-reference.ts';
import { quoted } from '../docker/text.ts';
import { Refusal } from '../errors.ts';
import { BRIDGE, type Names } from './names/names.ts';
import type { ImageShown, Objects } from './objects.ts';
import type { Owned, OwnedKind } from './owned.ts';
import type { PolicySight } from './policy-sight.ts';

/** What is no name, for it looks like an id: the Engine takes a name before the beginning of an id (attack F003). */
const LIKE_ID = /^(?:[0-9a-f]{12,64}|[0-9a-z]{25})$/;

/** Ids that are whole: of containers, networks; of what belongs to a swarm. */
const FULL_ID = /^(?:[0-9a-f]{64}|[0-9a-z]{25})$/;

/**
 * Resolves what a request calls an object as the Engine would, but among the objects only that the principal sees
 * (decisions/0008).
 */
export class Lookup {
  readonly #objects: Objects;
  readonly #sight: PolicySight;
  /** The operation that is asked for: whether names matter to it decides whether memory will do. */
  readonly #operation: string;
  readonly #names: Names;
  readonly #bridge: () => Promise<string>;

  /** @param bridge the tenant's own network of that name, where names are its own */
  constructor(
    objects: Objects,
    sight: PolicySight,
    operation: string,
    { names, bridge }: { readonly names: Names; bridge(): Promise<string> },
  ) {
    this.#objects = objects;
    this.#sight = sight;
    this.#operation = operation;
    this.#names = names;
    this.#bridge = bridge;
  }

  /**
   * @param field what the refusal names
   * @throws Refusal 404 in the Engine's words when the principal sees no such object; 400 when several fit
   */
  object(kind: OwnedKind, reference: string, field: string, status: 400 | 404 = 404): Soon<Owned> {
    const known = this.#remembered(kind, reference);
    if (known !== undefined && this.#sight.seesOwned(known)) return known;
    return this.find(kind, reference, field).then((found) => {
      if (found === undefined) throw absent(kind, reference, field, status);
      return found;
    });
  }

  /** The same, undefined in place of a 404. */
  async find(kind: OwnedKind, reference: string, field: string): Promise<Owned | undefined> {
    if (reference === '') return undefined;
    const known = this.#remembered(kind, reference);
    if (known !== undefined) return this.#sight.seesOwned(known) ? known : undefined;
    if (this.#names.areOwn && kind === 'network' && reference === BRIDGE) {
      return this.find(kind, await this.#bridge(), field);
    }
    // Names of networks are not unique, so none is asked for by its name.
    if (kind !== 'network' || FULL_ID.test(reference)) {
      for (const meant of this.#asked(kind, reference)) {
        const found = await this.#objects.find(kind, meant);
        const owned = found === undefined ? undefined : await this.#objects.owned(found);
        if (owned !== undefined && this.#sight.seesOwned(owned)) return owned;
        // A whole id that is not seen is nothing else either.
        if (owned?.id === reference) return undefined;
      }
      // Volumes have no ids.
      if (kind === 'volume') return undefined;
    }
    return this.#among(kind, reference, field);
  }

  /** What is known of an object by its full id, where that suffices. */
  #remembered(kind: OwnedKind, reference: string): Owned | undefined {
    const known = FULL_ID.test(reference) ? this.#objects.remembered(kind, reference) : undefined;
    return known !== undefined && this.#sight.trustsNames(kind, this.#operation) ? known : undefined;
  }

  /** By what the Engine is asked for it, one after the other. */
  #asked(kind: OwnedKind, reference: string): readonly string[] {
    return FULL_ID.test(reference) || !this.#names.areOwn ? [reference] : this.#meant(kind, reference);
  }

  /** What a name, or an id, may stand for on the Engine, the first that is there. */
  #meant(kind: OwnedKind, reference: string): readonly string[] {
    return this.#names.meant(kind, bare(kind, reference));
  }

  /** What others have by that name or beginning of an id hides nothing of one's own. */
  async #among(kind: OwnedKind, reference: string, field: string): Promise<Owned | undefined> {
    const all = await this.#objects.all(kind);
    const by = async (fits: (each: (typeof all)[number]) => boolean): Promise<Owned[]> => {
      const fitting: Owned[] = [];
      for (const each of all.filter(fits)) {
        const owned = await this.#objects.owned(each);
        if (this.#sight.seesOwned(owned)) fitting.push(owned);
      }
      return fitting;
    };
    for (const fits of [
      ({ id }: { readonly id: string }) => id === reference,
      ...this.#meant(kind, reference).map(
        (name) =>
          ({ names }: { readonly names: readonly string[] }) =>
            names.includes(name),
      ),
      ({ id }: { readonly id: string }) => id.startsWith(reference),
    ]) {
      const [found, another] = await by(fits);
      if (another !== undefined) throw ambiguous(kind, reference, field);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The container of an exec instance. */
  async exec(id: string): Promise<Owned> {
    const container = await this.#objects.containerOfExec(id);
    const owned =
      container === undefined
        ? undefined
        : await this.find('container', container, 'id').catch(() => undefined);
    if (owned === undefined) {
      throw new Refusal(404, 'no-such-object', `No such exec instance: ${id}`, {
        field: 'id',
        verbatim: true,
      });
    }
    return owned;
  }

  /**
   * The names under which the principal sees an image that is on the Engine, as the policy names it; and its full id
   * where an id was given. Where a name was given that name alone: whether there is such an image is for the Engine to
   * say. Where it could be an id as well, `full` is what it is to be called: when the name is gone by the time that the
   * Engine looks for it, the Engine takes the other for the beginning of an id, of anybody's image.
   *
   * @throws Refusal 404 when no name of it is seen, and nobody has said that it may be seen by its id
   */
  async image(
    reference: string,
    field: string,
  ): Promise<{ readonly names: readonly string[]; readonly id?: string; readonly full?: string }> {
    const parsed = parseImageReference(reference);
    if (parsed === null) return { names: [] };
    const absentImage = (): Refusal => absent('image', reference, field);
    if (parsed.type === 'name') {
      const name = formatImageName(withDefaultTag(parsed));
      if (!this.#sight.seesImage(name)) throw absentImage();
      return { names: [name] };
    }
    const found = await this.#objects.image(reference);
    if (found === undefined) throw absentImage();
    const names = namesOf(found);
    const asName = parseImageName(reference);
    const name = asName === null ? undefined : formatImageName(withDefaultTag(asName));
    if (name !== undefined && names.includes(name)) {
      // `cafe` is the name of an image here, and the Engine takes a name before the beginning of an id.
      if (!this.#sight.seesImage(name)) throw absentImage();
      return { names: [name], full: name };
    }
    const seen = names.filter((each) => this.#sight.seesImage(each));
    if (seen.length > 0) return { names: seen, id: found.id };
    if (!this.#sight.seesImage(found.id)) throw absentImage();
    return { names: [found.id], id: found.id };
  }

  /** All names of an image by id, seen or not: what is removed by its id loses them all. */
  async everyNameOf(id: string): Promise<readonly string[]> {
    const found = await this.#objects.image(id);
    return found === undefined ? [] : namesOf(found);
  }

  /** Whether any network but one has that name, for the few places where the Engine takes no id. */
  async isNameShared(kind: OwnedKind, name: string): Promise<boolean> {
    return (await this.#objects.all(kind)).filter(({ names }) => names.includes(name)).length > 1;
  }
}

/** Names of containers may be told with a slash. */
function bare(kind: OwnedKind, reference: string): string {
  return kind === 'container' ? reference.replace(/^\//, '') : reference;
}

/**
 * @throws Refusal 403 when a new name could be taken for an id
 */
export function checkNewName(name: string, field: string): void {
  if (!LIKE_ID.test(name)) return;
  throw new Refusal(
    403,
    'name-like-id',
    `${quoted(name)} looks like an id, and would stand for whatever has that id: choose another name`,
    { field },
  );
}

/** Says that an object is not there, as the Engine does of one that is not. */
export function absent(
  kind: OwnedKind | 'image',
  reference: string,
  field: string,
  status: 400 | 404 = 404,
): Refusal {
  return new Refusal(status, 'no-such-object', words(kind, reference), { field, verbatim: true });
}

function words(kind: OwnedKind | 'image', reference: string): string {
  switch (kind) {
    case 'container':
      return `No such container: ${reference}`;
    case 'network':
      return `network ${reference} not found`;
    case 'volume':
      return `get ${reference}: no such volume`;
    case 'image': {
      const parsed = parseImageName(reference);
      const tagged = parsed === null || parsed.tag !== undefined || parsed.digest !== undefined;
      return `No such image: ${reference}${tagged ? '' : ':latest'}`;
    }
    default:
      return `${kind} ${reference} not found`;
  }
}

function ambiguous(kind: OwnedKind, reference: string, field: string): Refusal {
  const sentence = `${kind} ${quoted(reference)} is ambiguous: several ${kind}s fit, give more of the id`;
  return new Refusal(400, 'ambiguous-reference', sentence, { field });
}

function namesOf({ references }: ImageShown): string[] {
  return references.flatMap((reference) => {
    const parsed = parseImageName(reference);
    return parsed === null ? [] : [formatImageName(withDefaultTag(parsed))];
  });
}
