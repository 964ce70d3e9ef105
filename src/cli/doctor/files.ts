import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { about, type Finding } from './finding.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

/** All certificates of a PEM file, in order; a finding in place of them when there are none to be had. */
export function readCertificates(subject: string, path: string): readonly X509Certificate[] | Finding {
  const text = readText(subject, path);
  if (typeof text !== 'string') return text;
  const blocks = text.match(CERTIFICATE) ?? [];
  const { fail } = about(subject);
  if (blocks.length === 0) return fail(`${path} holds no certificate`, 'put PEM certificates there');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return fail(
      `${path} holds a certificate that can not be read`,
      'look at it with `openssl x509 -in FILE -text`',
    );
  }
}

export function readText(subject: string, path: string): string | Finding {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { fail } = about(subject);
    const code = (error as NodeJS.ErrnoException).code;
    return fail(
      `${path} can not be read (${code})`,
      code === 'ENOENT' ? '`quaywarden init` makes what is missing' : "let the gateway's user read it",
    );
  }
}

/** Whether a certificate holds now, and for how long. */
export function validity(subject: string, certificate: X509Certificate, renew: string): Finding {
  const { ok, warn, fail } = about(subject);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const date = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const left = Math.floor((to - Date.now()) / DAY_MS);
  if (Date.now() < from) return fail(`it is not valid before ${date(from)}`, "check this machine's clock");
  if (Date.now() > to) return fail(`it expired on ${date(to)}`, renew);
  if (left < SOON_DAYS) return warn(`it expires on ${date(to)}, in ${left} days`, renew);
  return ok(`it is valid until ${date(to)}`);
}

/**
 * Whether a folder can be written, or made where it is missing; nothing is written to it.
 *
 * @param key of the configuration that names it
 */
export function folderFinding(subject: string, folder: string, key: string): Finding {
  const { ok, fail } = about(subject);
  const target = nearestExisting(folder);
  if (!statSync(target).isDirectory()) {
    return fail(`${target} is not a folder`, `name another place in ${key}`);
  }
  try {
    accessSync(target, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail(
      `${target} can not be written (${code})`,
      `let the gateway's user write there, or name another ${key}`,
    );
  }
  return ok(`${folder} ${target === folder ? 'can be written' : 'can be made'}`);
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/**
 * A warning when others than the owner may read a secret; nothing when all is well or the file is not there.
 *
 * @param wanted the mode that it should have: of a folder another one
 */
export function secrecy(subject: string, path: string, wanted = '600'): Finding[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return [];
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return [
    about(subject).warn(
      `${path} has mode ${octal}: others than its owner may get at it`,
      `chmod ${wanted} ${path}`,
    ),
  ];
}

/** A finding when the gateway could not read a file that it needs; nothing when it can, or where none is named. */
export function unreadable(subject: string, file: string | undefined): Finding[] {
  if (file === undefined) return [];
  try {
    accessSync(file, constants.R_OK);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const sentence = `${file} can not be read (${code})`;
    return [about(subject).fail(sentence, "put it there, and let the gateway's user read it")];
  }
}
