import { isDeepStrictEqual } from 'node:util';
import type { ImageFact } from '../facts/types.ts';
import type { BuildArguments } from './dockerfile/arguments.ts';
import { basesOf, type From } from './dockerfile/bases.ts';
import { DIALECTS, linesOf } from './dockerfile/lines.ts';
import { Unclear } from './dockerfile/unclear.ts';

/** What a build is made from. */
export interface BaseImages {
  /** Each image once; null when it can not be told. */
  readonly images: readonly ImageFact[] | null;
  /** Why it can not be told: a clause for a refusal. */
  readonly why?: string;
  /** Every FROM that starts from an image; undefined where releases of the builder read their lines differently. */
  readonly froms?: readonly From[] | undefined;
}

/**
 * Says which images the classic builder of any Engine would take a Dockerfile's stages from. Where releases of the
 * builder join its lines differently, the images of all readings are counted; where they read a word differently, it
 * can not be told.
 *
 * @param file the Dockerfile's name, for the facts' fields
 */
export function baseImagesOf(dockerfile: Buffer, given: BuildArguments, file: string): BaseImages {
  const text = dockerfile.toString('latin1');
  const images = new Map<string, ImageFact>();
  const readings: (readonly From[])[] = [];
  try {
    for (const dialect of DIALECTS) {
      const bases = basesOf(linesOf(text, dialect), given, file);
      for (const image of bases.images) {
        if (!images.has(image.reference)) images.set(image.reference, image);
      }
      readings.push(bases.froms);
    }
  } catch (error) {
    if (!(error instanceof Unclear)) throw error;
    return { images: null, why: error.message };
  }
  const [froms, ...others] = readings;
  const isOne = others.every((other) => isDeepStrictEqual(other, froms));
  return { images: [...images.values()], froms: isOne ? froms : undefined };
}
