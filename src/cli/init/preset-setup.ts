import { relative } from 'node:path';
import { ConfigError } from '../../errors.ts';
import type { Draft } from './draft.ts';
import { type Preset, presetText } from './presets.ts';

/** Where a gateway is set up. */
export interface Setting {
  /** Folder of the configuration, absolute. */
  readonly dir: string;
  /** Folder of the sockets of local listeners, absolute; each has one of its own in there. */
  readonly sockets: string;
  /** A name that clients connect to by TLS; undefined where none was told. */
  readonly host: string | undefined;
  /** Id of the group that the sockets will have: that of the gateway. */
  readonly group: number;
}

/** The files that presets add to. */
interface Files {
  readonly config: string;
  readonly grants: string;
  readonly profiles: string;
}

/** What a path may have that stands in YAML, in a compose file and in the address of a socket, as it is. */
const PLAIN_PATH = /^[A-Za-z0-9_./@+-]+$/;
/** A configuration in which tenants are told apart. */
const TENANCY_ON = /^tenancy:[ \t]*\n(?:[ \t]*#.*\n)*[ \t]+enabled:[ \t]*true/m;
/** sun_path of unix(7), without the closing zero byte. */
const SOCKET_BYTES = 107;

/**
 * Plans what presets have besides grants and settings: the compose file with its paths filled in, its README, and the
 * folder of its socket. Where grants or settings are there already, which stay as they are, what is to be added to them is
 * put beside.
 *
 * @returns what is left to be done by hand
 * @throws ConfigError when a path can not be that of a socket
 */
export function planPresets(
  draft: Draft,
  presets: readonly Preset[],
  setting: Setting,
  files: Files,
): string[] {
  const faults = presets.flatMap((preset) => pathFaults(preset, setting));
  if (faults.length > 0) throw new ConfigError([...new Set(faults)]);
  const notes: string[] = [];
  if (presets.length > 0 && draft.exists(files.config) && TENANCY_ON.test(draft.read(files.config))) {
    notes.push(
      'tenants are told apart here, and the grants of presets are about the things of all of them: container/** is, container/{tenant}/** is not (docs/presets.md)',
    );
  }
  for (const preset of presets) {
    const { name } = preset;
    const plan = (file: string, text: string): void => {
      const path = `presets/${name}/${file}`;
      if (draft.exists(path)) draft.keep(path);
      else draft.add(path, text);
    };
    plan('compose.yaml', filled(presetText(name, 'compose.yaml'), setting));
    plan('README.md', presetText(name, 'README.md'));
    const folder = relative(setting.dir, folderOf(preset, setting));
    if (preset.reach === 'socket' && !draft.exists(folder)) draft.addFolder(folder);
    for (const { to, as, text, isIn } of additions(preset, setting, files)) {
      if (text === '' || !draft.exists(to) || isIn(draft.read(to))) continue;
      plan(as, text.trimStart());
      notes.push(`${to} was kept: add to it what presets/${name}/${as} says`);
    }
    if (preset.reach === 'tls' && setting.host === undefined) {
      notes.push(
        `presets/${name}/compose.yaml leaves QUAYWARDEN_HOST open: the name by which ${name} reaches this gateway, for which --host makes the certificate`,
      );
    }
  }
  return notes;
}

/** What presets add to a configuration: their local listeners, and what is hidden from them. */
export function addedSettings(presets: readonly Preset[], setting: Setting): string {
  const listeners = presets
    .filter(({ reach }) => reach === 'socket')
    .flatMap((preset) => [
      `  - listen: ${socketOf(preset, setting)}`,
      '    mode: "0660"',
      `    principal: { name: ${preset.name}, tenant: default, roles: [${preset.name}] }`,
    ]);
  const redactions = presets
    .filter(({ hide }) => hide.length > 0)
    .map(({ name, hide }) => `  - { for: ["role:${name}"], hide: [${hide.join(', ')}] }`);
  return [
    ...section('Local listeners: whoever reaches a socket is its principal.', 'listeners:', listeners),
    ...section('What is taken out of replies to these.', 'redactions:', redactions),
  ].join('');
}

/** What presets add to the grants. */
export function addedGrants(presets: readonly Preset[]): string {
  return presets.map(({ name }) => `\n${presetText(name, 'grants.csv')}`).join('');
}

/** Tests of what a preset adds to the grants, to stand beside these. */
export function addedTests({ name }: Preset): string {
  return presetText(name, 'grants.test.yaml').replaceAll('../../', '');
}

/** What presets add to the profiles, under `profiles:`. */
export function addedProfiles(presets: readonly Preset[]): string {
  return presets
    .flatMap(({ profiles = {} }) => Object.entries(profiles))
    .map(([name, { extends: base, except }]) =>
      [`\n  ${name}:`, `    extends: ${base}`, `    except: [${except.join(', ')}]\n`].join('\n'),
    )
    .join('');
}

/** What one preset adds to each file, and how to tell that it has been added. */
function additions(
  preset: Preset,
  setting: Setting,
  { config, grants, profiles }: Files,
): readonly {
  readonly to: string;
  readonly as: string;
  readonly text: string;
  readonly isIn: (there: string) => boolean;
}[] {
  const added = addedProfiles([preset]);
  return [
    {
      to: grants,
      as: 'grants.csv',
      text: addedGrants([preset]),
      isIn: (there) => hasGrants(there, preset),
    },
    {
      to: config,
      as: 'quaywarden.yaml',
      text: addedSettings([preset], setting),
      isIn: (there) => there.includes(socketOf(preset, setting)),
    },
    {
      to: profiles,
      as: 'profiles.yaml',
      text: added === '' ? '' : `profiles:${added}`,
      isIn: (there) => there.includes(added),
    },
  ];
}

function section(comment: string, key: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n# ${comment}\n${key}\n${lines.join('\n')}\n`];
}

/** Whether every grant of a preset is in a file already, wherever it stands. */
function hasGrants(text: string, { name }: Preset): boolean {
  const there = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const wanted = presetText(name, 'grants.csv').split('\n');
  return wanted.every((line) => !line.startsWith('p,') || there.has(line.trim()));
}

function folderOf({ name }: Preset, { sockets }: Setting): string {
  return `${sockets}/${name}`;
}

function socketOf(preset: Preset, setting: Setting): string {
  return `unix://${folderOf(preset, setting)}/docker.sock`;
}

function pathFaults(preset: Preset, setting: Setting): string[] {
  const paths = [setting.dir, ...(preset.reach === 'socket' ? [setting.sockets] : [])];
  const odd = paths.filter((path) => !PLAIN_PATH.test(path));
  const socket = socketOf(preset, setting).slice('unix://'.length);
  return [
    ...odd.map((path) => `${path}: a preset needs a path of letters, digits and _./@+- alone`),
    ...(preset.reach === 'socket' && Buffer.byteLength(socket) > SOCKET_BYTES
      ? [
          `${socket}: longer than the ${SOCKET_BYTES} bytes that a unix socket's path may have; name a shorter --sockets`,
        ]
      : []),
  ];
}

/** A compose file with what is known in place of its QUAYWARDEN_ variables. */
function filled(text: string, { dir, sockets, host, group }: Setting): string {
  const known: Readonly<Record<string, string | undefined>> = {
    RUN: sockets,
    GID: String(group),
    CERTS: `${dir}/certs`,
    HOST: host,
  };
  return text.replace(
    /\$\{QUAYWARDEN_([A-Z]+):\?[^}]*\}/g,
    (variable, key: string) => known[key] ?? variable,
  );
}
