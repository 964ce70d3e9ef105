import { parseImageName } from '../../docker/image-reference.ts';
import type { ApiRequest } from '../../docker/types.ts';
import type { EngineReader } from './engine.ts';

/** Whether a tenant counts as the owner of an image by one of its names, in full: `reg.example.com/team-a/app:1`. */
export type OwnsImage = (tenant: string, reference: string) => boolean;

/**
 * How an operation on images is counted. Nobody knows the size of an image before it is there, so what is checked is
 * that the quota is not used up. Of those that bring images from outside, one goes on at a time, so that a tenant can
 * pass its quota by one image and no more; a build or a commit waits for nobody.
 */
export function imagePlan({ operation, query }: ApiRequest): 'in-turn' | 'at-once' | undefined {
  switch (operation.id) {
    case 'ImageCreate':
    case 'ImageLoad':
      return 'in-turn';
    case 'ImageBuild':
      return 'at-once';
    case 'ImageCommit':
      return (query['repo'] ?? '') === '' ? undefined : 'at-once';
    default:
      return undefined;
  }
}

/**
 * The bytes of a tenant's images: those of which one name, by tag or digest, is the tenant's. Layers that images share
 * count for each of them; what has no such name, untagged images and the builder's cache included, counts for nobody.
 *
 * @throws Refusal 502 or 503 when the Engine can not tell
 */
export async function imageBytesOf(tenant: string, engine: EngineReader, owns: OwnsImage): Promise<bigint> {
  const listed = ((await engine.get('/images/json')) ?? []) as readonly {
    readonly Id: string;
    readonly Size?: number;
    readonly RepoTags?: readonly string[] | null;
    readonly RepoDigests?: readonly string[] | null;
  }[];
  let bytes = 0n;
  for (const { Size = 0, RepoTags, RepoDigests } of listed) {
    const names = [...(RepoTags ?? []), ...(RepoDigests ?? [])];
    if (names.some((name) => owns(tenant, name))) bytes += BigInt(Size);
  }
  return bytes;
}

/**
 * The convention: a repository is a tenant's when the first part of its path is the tenant's name, in whichever
 * registry it lies: `team-a/app`, `registry.example.com/team-a/app`.
 */
export const ownsByPath: OwnsImage = (tenant, reference) => {
  const name = parseImageName(reference);
  return name?.path.startsWith(`${tenant.toLowerCase()}/`) === true;
};
