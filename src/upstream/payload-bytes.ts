import { writeContent } from '../docker/content.ts';
import type { Payload } from '../listener/payload.ts';

const NOTHING = Buffer.alloc(0);

/** The bytes of a body that is sent whole: our own encoding of what was judged. */
export function bodyOf(payload: Payload): Buffer {
  return payload.kind === 'json' ? writeContent(payload.content) : NOTHING;
}
