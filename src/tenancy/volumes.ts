import { encodeName } from '../docker/path.ts';
import { Refusal } from '../errors.ts';
import type { AskEngine } from '../upstream/ask.ts';
import { MARK_LABEL } from './labels.ts';
import type { Means } from './locate.ts';
import type { Names } from './names/names.ts';
import type { Objects } from './objects.ts';
import type { PolicySight } from './policy-sight.ts';
import { taken, type VolumeToMake } from './refer.ts';

/**
 * The named volumes of one container that is about to be created: made before it with their owner's labels, looked at
 * again once the container holds them and nobody can remove them any more, and removed when it came to nothing.
 */
export class MountedVolumes {
  readonly #ask: AskEngine;
  readonly #objects: Objects;
  readonly #sight: PolicySight;
  readonly #names: Names;
  readonly #made = new Map<string, string>();

  constructor(ask: AskEngine, { objects, sight, names }: Pick<Means, 'objects' | 'sight' | 'names'>) {
    this.#ask = ask;
    this.#objects = objects;
    this.#sight = sight;
    this.#names = names;
  }

  /**
   * @throws Refusal 409 `name-taken` when another was faster; 502 `volume-not-made` in the Engine's words. What was made
   *   until then is removed
   */
  async make(volumes: readonly VolumeToMake[]): Promise<void> {
    try {
      for (const volume of volumes) await this.#makeOne(volume);
    } catch (error) {
      await this.undo();
      throw error;
    }
  }

  /** The first volume that the principal does not see now; what it could not be told of counts so. */
  async foreign(names: readonly string[]): Promise<string | undefined> {
    for (const name of names) {
      if (!(await this.#sight.seesById('volume', name))) return name;
    }
    return undefined;
  }

  /** Removes what was made; what is in use, or another's by now, stays. */
  async undo(): Promise<void> {
    for (const [name, mark] of this.#made) {
      const found = await this.#objects.find('volume', name).catch(() => undefined);
      if (found?.labels[MARK_LABEL] !== mark) continue;
      await this.#ask('DELETE', `/volumes/${encodeName(name)}`).catch(() => undefined);
    }
    this.#made.clear();
  }

  async #makeOne({ name, asked, driver, options, labels }: VolumeToMake): Promise<void> {
    const { status, text } = await this.#ask('POST', '/volumes/create', {
      Name: name,
      ...(driver === '' ? {} : { Driver: driver }),
      DriverOpts: options,
      Labels: labels,
    });
    if (status !== 201) {
      const words = this.#names.text(wordsOf(text));
      throw new Refusal(502, 'volume-not-made', `the volume ${asked} could not be made: ${words}`);
    }
    // 201 is also the answer where a volume of that name was there already (semantics.md).
    const made = (JSON.parse(text) as { readonly Labels?: Readonly<Record<string, string>> | null }).Labels;
    const mark = labels[MARK_LABEL] ?? '';
    if (made?.[MARK_LABEL] === mark) this.#made.set(name, mark);
    else if (!(await this.#sight.seesById('volume', name))) throw taken('volume', asked, 'HostConfig');
  }
}

function wordsOf(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message);
  } catch {
    return 'the Engine did not say why';
  }
}
