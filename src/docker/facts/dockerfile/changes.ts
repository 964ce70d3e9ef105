import { Refusal } from '../../../errors.ts';
import { mayTakeFrom } from '../../archive/dockerfile/trigger.ts';
import { environment } from '../environment.ts';
import { mapOf } from '../field.ts';
import { volumeFacts } from '../host-config/volume.ts';
import { mergeAll } from '../merge.ts';
import type { Facts } from '../types.ts';
import { userFact } from '../user.ts';
import { workingDir } from '../working-dir.ts';
import { shellWord, splitWords } from './shell-word.ts';

/**
 * Instructions that change an image's configuration: `changes` of ImageCommit and of an import. The Engine joins them
 * by line breaks and reads them as a Dockerfile.
 *
 * @throws Refusal 400 `changes-unclear` for what is written over several lines, sets how the rest is read, names an
 *   instruction outside ASCII, or puts variables where they decide what is asked for
 */
export function changeFacts(field: string, changes: readonly string[] = []): Partial<Facts> {
  const text = changes.join('\n');
  // White space to JavaScript, not to Go.
  if (text.includes('\ufeff')) throw unclear(field, 'holds a byte order mark');
  const lines = text.split(/\r?\n/);
  return mergeAll(lines.map((line) => instruction(field, line.trim())));
}

function instruction(field: string, line: string): Partial<Facts> {
  if (line.includes('\r') || /[\\`]$/.test(line)) throw unclear(field, 'is to be read over several lines');
  if (line.startsWith('#')) {
    // "# escape=`" changes how the lines after it are read.
    if (/^#\s*\w+\s*=/.test(line)) throw unclear(field, 'begins with a parser directive');
    return {};
  }
  const [name = ''] = line.split(/\s/, 1);
  // Go's ToLower makes plain letters of U+212A (k) and U+0130 (i), JavaScript's toUpperCase does not.
  if (/[^!-~]/.test(name)) throw unclear(field, 'begins with a character outside ASCII');
  const rest = line.slice(name.length).trim();
  switch (name.toUpperCase()) {
    case 'LABEL':
      return { labels: mapOf(pairs(field, rest).map(([key, value]) => [key, plain(field, value)])) };
    case 'ENV':
      return environment(
        field,
        pairs(field, rest).map(([key, value]) => `${key}=${shellWord(value) ?? value}`),
      );
    case 'USER':
      return { user: userFact(field, plain(field, rest)) };
    case 'CMD':
    case 'ENTRYPOINT':
      return { command: command(rest) };
    case 'VOLUME':
      return mergeAll(volumes(rest).map(() => volumeFacts({ field, name: '', mode: 'rw' })));
    case 'WORKDIR':
      return workingDir(field, plain(field, rest));
    case 'ONBUILD':
      checkTrigger(field, rest);
      return {};
    default:
      // EXPOSE, HEALTHCHECK, STOPSIGNAL and empty lines say nothing that is a fact; the Engine refuses others.
      return {};
  }
}

/**
 * An instruction that a later build on the image carries out. One that takes files from an image would have that build read an image
 * which its Dockerfile does not name.
 *
 * @throws Refusal 400 `changes-unclear`
 */
export function checkTrigger(field: string, trigger: string): void {
  if (!mayTakeFrom(trigger)) return;
  throw new Refusal(
    400,
    'changes-unclear',
    'a trigger (ONBUILD) has later builds take files from another image or stage, or may: leave it out, and have the Dockerfile of such a build take them',
    { field: field.replace(/^query /, '') },
  );
}

/** `a=1 "b"=2`, or in the old form `a 1 2`: names plain, values as they are written. */
function pairs(field: string, text: string): readonly (readonly [string, string])[] {
  const words = splitWords(text);
  const [first = ''] = words;
  if (!first.includes('=')) {
    const [name = ''] = text.split(/\s/, 1);
    return [[plain(field, name), text.slice(name.length).trim()]];
  }
  return words.map((word) => {
    const at = word.includes('=') ? word.indexOf('=') : word.length;
    return [plain(field, word.slice(0, at)), word.slice(at + 1)];
  });
}

/** A JSON array, or a line for the shell. */
function command(text: string): readonly string[] {
  return jsonStrings(text) ?? ['/bin/sh', '-c', text];
}

function volumes(text: string): readonly string[] {
  return jsonStrings(text) ?? splitWords(text);
}

function jsonStrings(text: string): readonly string[] | null {
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) && read.every((item) => typeof item === 'string') ? read : null;
  } catch {
    return null;
  }
}

function plain(field: string, word: string): string {
  return shellWord(word) ?? refuse(field);
}

function refuse(field: string): never {
  throw unclear(field, 'puts in a variable');
}

function unclear(field: string, what: string): Refusal {
  const name = field.replace(/^query /, '');
  return new Refusal(
    400,
    'changes-unclear',
    `a change ${what}; write each as one instruction in one line, with plain words`,
    { field: name },
  );
}
