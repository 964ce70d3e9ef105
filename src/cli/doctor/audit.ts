import { existsSync } from 'node:fs';
import { compileLevels } from '../../audit/levels.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { folderFinding, secrecy, unreadable } from './files.ts';
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
  const subject = `audit sink ${sink.name}`;
  const files = [sink.ca, sink.certificate, sink.key];
  return [
    ...files.flatMap((file) => unreadable(subject, file)),
    ...(sink.key === undefined ? [] : secrecy(subject, sink.key)),
  ];
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
