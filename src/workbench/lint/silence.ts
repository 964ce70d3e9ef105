import { nearest } from '../../config/suggest.ts';
import { type Found, isRule, RULES } from './finding.ts';

interface Silence {
  /** Of the comment. */
  readonly line: number;
  readonly id: string;
  /** The line that it is about; undefined where none follows. */
  readonly about: number | undefined;
  readonly hasReason: boolean;
}

/** `# lint: allow root-on-host, exec-in-others - they run this Engine` */
const COMMENT = /^\s*#\s*lint:\s*allow\s+([a-z-]+(?:\s*,\s*[a-z-]+)*)(?:\s+[-–—:]+\s*(.*))?\s*$/;
const BEGINS = /^\s*#\s*lint:/;

/**
 * Takes away what comments above a line allow. An error can not be silenced, for the gateway would not start.
 *
 * @returns what is left, and what is wrong with the comments
 */
export function silenced(text: string, found: readonly Found[]): readonly Found[] {
  if (!text.includes('lint:')) return found;
  const { silences, faults } = readSilences(text);
  const used = new Set<Silence>();
  const left = found.filter(({ id, line }) => {
    const fitting = silences.find((each) => each.id === id && each.about === line);
    if (fitting === undefined || RULES[id][0] === 'error') return true;
    used.add(fitting);
    return !fitting.hasReason;
  });
  for (const silence of silences) {
    const { line, id, hasReason } = silence;
    if (!hasReason) {
      const sentence = `say why: # lint: allow ${id} - REASON`;
      faults.push({ id: 'silence-without-reason', line, sentence });
    } else if (!used.has(silence)) {
      faults.push({ id: 'silence-unused', line, sentence: `there is no ${id} in the line that follows` });
    }
  }
  return [...left, ...faults];
}

function readSilences(text: string): { readonly silences: readonly Silence[]; readonly faults: Found[] } {
  const silences: Silence[] = [];
  const faults: Found[] = [];
  let open: Omit<Silence, 'about'>[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (BEGINS.test(raw)) {
      const [, ids, reason = ''] = COMMENT.exec(raw) ?? [];
      if (ids === undefined) {
        faults.push({
          id: 'silence-unknown',
          line,
          sentence: 'write it like # lint: allow root-on-host - REASON',
        });
        continue;
      }
      for (const id of ids.split(/\s*,\s*/)) {
        if (isRule(id)) open.push({ line, id, hasReason: reason.trim() !== '' });
        else faults.push({ id: 'silence-unknown', line, sentence: unknown(id) });
      }
    } else if (raw.trim() !== '' && !raw.trimStart().startsWith('#')) {
      silences.push(...open.map((each) => ({ ...each, about: line })));
      open = [];
    }
  }
  silences.push(...open.map((each) => ({ ...each, about: undefined })));
  return { silences, faults };
}

function unknown(id: string): string {
  const meant = nearest(id, Object.keys(RULES));
  return `there is no finding ${id}; ${meant === undefined ? 'docs/workbench.md lists them' : `did you mean ${meant}?`}`;
}
