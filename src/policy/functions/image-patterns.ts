import type { ImageFact } from '../../docker/facts/types.ts';
import { formatImageName, type ImageName, parseImageName } from '../../docker/image-reference.ts';
import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import type { Offence } from './function.ts';

/**
 * Images that are not among those of the patterns. A pattern is held against the repository
 * (`docker.io/library/alpine`) and against the repository with what chooses the content: the digest, or the tag
 * where there is none. An Engine that is given both goes by the digest alone.
 */
export function imagesOutside(images: readonly ImageFact[], patterns: readonly string[]): readonly Offence[] {
  const globs = patterns.map(compileGlob);
  return images.flatMap(({ field, reference, name }): readonly Offence[] => {
    const shown = quoted(reference);
    if (name === null) return [{ field, asks: `uses an image by what may be an id, ${shown}`, untold: true }];
    const spellings = spellingsOf(name);
    if (globs.some((glob) => spellings.some(glob))) return [];
    return [{ field, asks: `uses the image ${shown}` }];
  });
}

function spellingsOf({ tag, ...name }: ImageName): readonly string[] {
  const { domain, path, digest } = name;
  const repository = `${domain}/${path}`;
  if (digest !== undefined) return [repository, formatImageName(name)];
  return tag === undefined ? [repository] : [repository, `${repository}:${tag}`];
}

/** What is wrong with a pattern that no image could match, or that is written otherwise than images are here. */
export function imagePatternFault(pattern: string): string | undefined {
  if (!/^[A-Za-z0-9._:@/*+-]+$/.test(pattern) || pattern.includes('***') || pattern.includes('//')) {
    return `"${pattern}" is no pattern of images`;
  }
  const [registry = '', ...path] = pattern.split('/');
  if (registry.includes('*')) return undefined;
  if (path.length === 0 || !(/[.:]/.test(registry) || registry === 'localhost')) {
    const full = path.length === 0 ? `docker.io/library/${pattern}` : `docker.io/${pattern}`;
    return `"${pattern}" does not begin with a registry; images are written in full, such as ${full}`;
  }
  if (registry !== registry.toLowerCase())
    return `"${pattern}" matches nothing: registries are in lower case`;
  if (registry === 'index.docker.io')
    return `"${pattern}" matches nothing: index.docker.io is written docker.io`;
  if (registry === 'docker.io' && path.length === 1 && path[0] !== '**') {
    return `"${pattern}" matches nothing: write docker.io/library/${path[0]}`;
  }
  if (!pattern.includes('*') && parseImageName(pattern) === null)
    return `"${pattern}" is no name of an image`;
  return undefined;
}
