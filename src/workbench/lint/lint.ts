import { parseGrants, type Vocabulary } from '../../policy/grants.ts';
import { LintContext } from './context.ts';
import { type Finding, type Found, RULES } from './finding.ts';
import { hints } from './hints.ts';
import { overlaps } from './overlap.ts';
import { roots } from './root.ts';
import { silenced } from './silence.ts';

/**
 * All that there is to say about a file of grants. Lines with faults are left out of what is said of the others.
 *
 * @param file as it is to be named
 * @returns in the order of the lines
 */
export function lintGrants(file: string, text: string, vocabulary: Vocabulary): readonly Finding[] {
  const { grants, memberships, faults } = parseGrants(text, vocabulary);
  const context = new LintContext(grants, memberships, vocabulary);
  const invalid = faults.map(({ line, sentence }): Found => ({ id: 'invalid', line, sentence }));
  const found = silenced(text, [...invalid, ...overlaps(context), ...roots(context), ...hints(context)]);
  return found
    .map(({ id, line, sentence }) => ({ id, severity: RULES[id][0], file, line, sentence }))
    .sort((a, b) => a.line - b.line);
}
