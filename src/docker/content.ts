import { Refusal } from '../errors.ts';
import { BODIES } from './bodies.ts';
import { readBodyAs } from './body/read.ts';
import type { BodyType } from './body/types.ts';
import { writeBody } from './body/write.ts';
import { JsonError, type JsonValue, parseJsonBytes } from './strict-json.ts';
import type { ApiRequest } from './types.ts';

/** A JSON body, understood: what is judged, and the only thing that is forwarded of it. */
export interface Content {
  readonly type: BodyType;
  /** By the Engine API's field names; see `body/types.ts`. */
  readonly value: unknown;
  /** Paths of fields that no model knows and that carry a value. */
  readonly unknown: readonly string[];
  /** Of some of these, what else there is to say: where they belong, or which API version has them. */
  readonly hints: Readonly<Record<string, string>>;
}

/**
 * Reads a JSON body by the model of its operation.
 *
 * @throws Refusal 400: `body-json` with the path of the fault as its field, and those of `readBodyAs`
 */
export function readContent({ operation, version }: ApiRequest, bytes: Uint8Array): Content {
  const type = BODIES[operation.id];
  if (type === undefined) {
    throw new Refusal(500, 'internal-error', `the gateway has no model of the body of ${operation.id}`);
  }
  return { type, ...readBodyAs(type, parse(bytes), version) };
}

/** The bytes that the Engine receives; written once for all who want them. */
export function writeContent(content: Content): Buffer {
  const known = written.get(content);
  if (known !== undefined) return known;
  const bytes = Buffer.from(writeBody(content.type, content.value));
  written.set(content, bytes);
  return bytes;
}

const written = new WeakMap<Content, Buffer>();

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const where = error.path === '' ? '' : `, in ${error.path}`;
    const field = error.path === '' ? {} : { field: error.path };
    throw new Refusal(
      400,
      'body-json',
      `the body is not JSON that has one reading: ${error.message}${where}`,
      field,
    );
  }
}
