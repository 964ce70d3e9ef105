import { parse } from 'yaml';
import * as z from 'zod';
import { nearest } from '../../config/suggest.ts';
import { ConfigError } from '../../errors.ts';
import { packageFolders, packageText } from '../../package-file.ts';

const ROOT = 'policies/presets';

/** What preset.yaml says (docs/presets.md). */
const schema = z.strictObject({
  title: z.string().min(1),
  /** One line, for lists. */
  summary: z.string().min(1),
  /** `tested`: with the real client; `documented`: the endpoints are taken from what the client documents. */
  checked: z.enum(['tested', 'documented']),
  /** `socket`: by a local listener on a unix socket; `tls`: with a client certificate. */
  reach: z.enum(['socket', 'tls']),
  /** What is taken out of the replies that the client gets, as in `redactions`. */
  hide: z.array(z.enum(['environment', 'labels', 'command', 'hostPaths', 'logOptions'])),
  /** What is added to profiles.yaml, where none of the shipped profiles does. */
  profiles: z
    .record(z.string(), z.strictObject({ extends: z.string(), except: z.array(z.string()) }))
    .optional(),
});

/** What one client needs, in a folder of policies/presets; its role is called as the preset. */
export interface Preset extends z.output<typeof schema> {
  readonly name: string;
}

/** Every preset of this package, by name. */
export function allPresets(): readonly Preset[] {
  return packageFolders(ROOT).map((name) => ({
    name,
    ...schema.parse(parse(presetText(name, 'preset.yaml'))),
  }));
}

/**
 * The presets of these names, each once.
 *
 * @throws ConfigError with every name that is none, and what may be meant
 */
export function findPresets(names: readonly string[]): readonly Preset[] {
  if (names.length === 0) return [];
  const all = allPresets();
  const wrong = names.filter((name) => !all.some((preset) => preset.name === name));
  if (wrong.length > 0) throw new ConfigError(wrong.map((name) => noPreset(name, all)));
  return all.filter(({ name }) => names.includes(name));
}

/** The text of a file of a preset. */
export function presetText(name: string, file: string): string {
  return packageText(`${ROOT}/${name}/${file}`);
}

function noPreset(name: string, all: readonly Preset[]): string {
  const meant = nearest(
    name,
    all.map((preset) => preset.name),
  );
  const advice = meant === undefined ? 'quaywarden init --list-presets lists them' : `did you mean ${meant}?`;
  return `--preset ${name}: there is no such preset; ${advice}`;
}
