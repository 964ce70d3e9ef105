import { encodeJson, JsonError, type JsonValue, parseJson } from './strict-json.ts';

/**
 * Adds to the `Warnings` of an answer.
 *
 * @param body the Engine's answer; what is no JSON object comes back as it is
 */
export function withWarnings(body: Buffer, warnings: readonly string[]): Buffer {
  let document: JsonValue;
  try {
    document = parseJson(body.toString('utf8'));
  } catch (error) {
    if (error instanceof JsonError) return body;
    throw error;
  }
  // An error has a message in place of warnings.
  if (!(document instanceof Map) || document.has('message')) return body;
  const given = document.get('Warnings');
  document.set('Warnings', [...(Array.isArray(given) ? given : []), ...warnings]);
  return Buffer.from(encodeJson(document));
}
