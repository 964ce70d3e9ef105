import type { Content } from '../../docker/content.ts';
import {
  formatImageName,
  type ImageName,
  parseImageName,
  parseImageReference,
} from '../../docker/image-reference.ts';
import { withQuery } from '../../docker/request.ts';
import type { Mutation } from './mutation.ts';

/**
 * Rewrites images of one registry to a mirror, where they are pulled and where they are run, so that `docker run`
 * finds what its pull has brought.
 *
 * @param registry as in an image's full name: `docker.io`
 * @param mirror registry and, where there is one, a path: `registry.example.com/hub`
 */
export function mirror(registry: string, mirror: string): Mutation {
  const rewritten = (name: ImageName): string | undefined =>
    name.domain === registry ? `${mirror}/${formatImageName(name).slice(registry.length + 1)}` : undefined;

  return ({ api, content }) => {
    switch (api.operation.id) {
      case 'ImageCreate': {
        const from = api.query['fromImage'];
        const name = typeof from === 'string' ? parseImageName(from.replace(/:$/, '')) : null;
        const to = name === null ? undefined : rewritten(name);
        if (to === undefined) return undefined;
        return {
          api: withQuery(api, { ...api.query, fromImage: to }),
          change: `${from} was rewritten to ${to}`,
        };
      }
      case 'ContainerCreate': {
        const image = (content?.value as { readonly Image?: string } | undefined)?.Image;
        const name = image === undefined ? null : parseImageReference(image);
        const to = name?.type === 'name' ? rewritten(name) : undefined;
        if (content === undefined || to === undefined) return undefined;
        const changed: Content = { ...content, value: { ...(content.value as object), Image: to } };
        return { content: changed, change: `the image ${image} was rewritten to ${to}` };
      }
      default:
        return undefined;
    }
  };
}
