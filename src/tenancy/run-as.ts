import type { Content } from '../docker/content.ts';
import { parseImageReference } from '../docker/image-reference.ts';
import { encodeName } from '../docker/path.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';

/** Asks the Engine about an object by the path of its inspection; undefined when there is none. */
export type Inspect = (target: string) => Promise<Record<string, unknown> | undefined>;

/** A request that says as whom its process runs. */
export interface RunAs {
  readonly content: Content;
  /** As whom it runs now; undefined where the request says it itself, or starts nothing. */
  readonly user?: string;
  /** What was changed, for the audit record and the client; undefined when nothing was. */
  readonly change: string | undefined;
}

/**
 * Writes into a request as whom its process runs, where only the image (of an exec: the container) knows: so that the
 * user who is judged is the user who runs, whatever becomes of the image in between.
 *
 * @returns the request as it is when it names a user or starts no process; an image that names none means root,
 *   which is written as `0`
 * @throws Refusal 404 `image-absent`, `container-absent` in the Engine's own words
 */
export async function withRunAs(api: ApiRequest, content: Content, inspect: Inspect): Promise<RunAs> {
  const body = content.value as { readonly User?: string; readonly Image?: string };
  const asIs = { content, change: undefined };
  if (body.User !== undefined && body.User !== '') return asIs;
  const from = sourceOf(api, body.Image);
  if (from === undefined) return asIs;
  const found = await inspect(from.target);
  if (found === undefined) throw from.absent();
  const { User = '' } = (found['Config'] ?? {}) as { readonly User?: string };
  const user = User === '' ? '0' : User;
  return {
    user,
    content: { ...content, value: { ...body, User: user } },
    change: `the user of the ${from.kind}, ${quoted(user)}, was written into the request`,
  };
}

function sourceOf({ operation, params }: ApiRequest, image: string | undefined) {
  switch (operation.id) {
    case 'ContainerCreate':
      // What names no image could name another path; the Engine will refuse it.
      if (image === undefined || parseImageReference(image) === null) return undefined;
      return {
        kind: 'image',
        target: `/images/${encodeName(image)}/json`,
        absent: () => new Refusal(404, 'image-absent', `No such image: ${image}`, { field: 'Image' }),
      };
    case 'ContainerExec': {
      const id = params['id'] ?? '';
      return {
        kind: 'container',
        target: `/containers/${encodeName(id)}/json`,
        absent: () => new Refusal(404, 'container-absent', `No such container: ${id}`, { field: 'id' }),
      };
    }
    default:
      return undefined;
  }
}
