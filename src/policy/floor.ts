import type { Facts } from '../docker/facts/types.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';

/** Labels that the gateway alone sets (design.md, "Interfaces that stay stable"). */
export const OWN_LABEL = /^io\.quaywarden(\.|$)/i;

/**
 * What no grant allows: body fields that nobody here understands, and the gateway's own labels. Only
 * `floor: off` in the configuration removes it for a role.
 *
 * @param unknown paths of body fields that no model knows and that carry a value, unless a grant lets them through
 * @param hints what else there is to say about some of them: where they belong
 * @throws Refusal 400 `body-field-unknown`, 403 `own-label`
 */
export function checkFloor(
  { operation, version }: Pick<ApiRequest, 'operation' | 'version'>,
  facts: Facts,
  unknown: readonly string[],
  hints: Readonly<Record<string, string>>,
  contact: string | undefined,
): void {
  const [field, ...more] = unknown;
  if (field !== undefined) {
    const hint = hints[field] === undefined ? '' : ` (${hints[field]})`;
    const which = more.length === 0 ? `${field}${hint}` : `${field}${hint} and ${more.length} more`;
    const sentence =
      `the gateway does not know the body ${more.length === 0 ? 'field' : 'fields'} ${which} of ${operation.id} in API 1.${version}, ` +
      `and forwards no value that it can not judge: leave it out, or ask ${contact ?? 'the operator of this gateway'} for a grant of UnknownFields`;
    throw new Refusal(400, 'body-field-unknown', sentence, { field });
  }
  for (const label of Object.keys(facts.labels)) {
    if (!OWN_LABEL.test(label)) continue;
    throw new Refusal(
      403,
      'own-label',
      `the label ${quoted(label)} is set by the gateway only: leave it out`,
      {
        field: `Labels[${quoted(label)}]`,
      },
    );
  }
}
