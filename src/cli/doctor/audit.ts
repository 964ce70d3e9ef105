import { accessSync, constants, existsSync } from 'node:fs';
import { compileLevels } from '../../audit/levels.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { folderFinding, secrecy } from './files.ts';
import { about, type Finding } from './finding.ts';

/** Whether the audit log can be written and its rules and keys are of use, without writing to it. */
export function checkAudit({ audit, tenancy }: Config): Finding[] {
  const folder = folderFinding('audit log', audit.folder, 'audit.folder');
  if (folder.level === 'fail') return [folder];
  const keys = [audit.signingKey, audit.secretsKey].filter((file) => existsSync(file));
  return [
    folder,
    ...rulesOf(audit.rules, tenancy.enabled),
    ...keys.flatMap((file) => secrecy('audit key', file)),
    ...audit.sinks.flatMap(filesOf),
  ];
}

/** Whether the gateway can read the files by which a sink knows its receiver, and itself. */
function filesOf(sink: Config['audit']['sinks'][number]): Finding[] {
  if (sink.type === 'stdout') return [];
  const { fail } = about(`audit sink ${sink.name}`);
  const unreadable = [sink.ca, sink.certificate, sink.key].flatMap((file) => {
    if (file === undefined) return [];
    try {
      accessSync(file, constants.R_OK);
      return [];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return [fail(`${file} can not be read (${code})`, "put it there, and let the gateway's user read it")];
    }
  });
  return [...unreadable, ...(sink.key === undefined ? [] : secrecy(`audit sink ${sink.name}`, sink.key))];
}

function rulesOf(rules: Config['audit']['rules'], tenants: boolean): Finding[] {
  try {
    compileLevels(rules, tenants);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => about('audit log').fail(fault, 'put the rule right'));
  }
}
