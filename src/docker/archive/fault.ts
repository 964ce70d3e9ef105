import { Refusal } from '../../errors.ts';
import { quoted } from '../text.ts';

/** Why an archive is refused; docs/archives.md lists what each means. */
export type ArchiveReason =
  | 'archive-compression'
  | 'archive-gzip'
  | 'archive-truncated'
  | 'archive-header'
  | 'archive-extended-header'
  | 'archive-entry-type'
  | 'archive-trailing-data'
  | 'archive-name'
  | 'archive-link'
  | 'archive-duplicate'
  | 'archive-file-too-large'
  | 'archive-json';

/** The refusal of an archive that could be read in two ways, or not at all. */
export function badArchive(reason: ArchiveReason, sentence: string, field?: string): Refusal {
  return new Refusal(400, reason, sentence, field === undefined ? {} : { field });
}

/** A name out of an archive, which is bytes with one character each, as text for a message. */
export function shown(name: string): string {
  return quoted(Buffer.from(name, 'latin1').toString('utf8'));
}
