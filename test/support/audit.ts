import { existsSync, readFileSync } from 'node:fs';
import { type AuditLine, type AuditResource, auditLine, type RequestLine } from '../../src/audit/record.ts';
import { segmentFile, segmentNumbers } from '../../src/audit/segments.ts';

/** Records bodies and answers too, so that secrets in them would show when the suite is over. */
export const EVERYTHING_RECORDED = { rules: [{ level: 'RequestResponse' }] };

/** How much of each folder's log was held against the schema already, in lines. */
const validated = new Map<string, number>();

/**
 * Every line of an audit log that is whole. Each is held against the schema once.
 *
 * @throws ZodError when one is not as the schema has it
 */
export function readAuditLines(folder: string): AuditLine[] {
  if (!existsSync(folder)) return [];
  const lines = segmentNumbers(folder).flatMap((number) =>
    readFileSync(segmentFile(folder, number), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditLine),
  );
  for (const line of lines.slice(validated.get(folder) ?? 0)) auditLine.parse(line);
  validated.set(folder, lines.length);
  return lines;
}

/** The records of requests among these lines, those of sessions included. */
export function requestLines(lines: readonly AuditLine[]): RequestLine[] {
  return lines.filter((line) => line.type === 'request');
}

/** Whether a line is a record of a request, but for those of sessions in between. */
export function isRecord(line: AuditLine): line is RequestLine {
  return line.type === 'request' && line.stage !== 'stream-start' && line.stage !== 'stream-end';
}

/** `kind/tenant/name`, as grants have it. */
export function resourceText(resource: AuditResource | null | undefined): string | null {
  if (resource === null || resource === undefined) return null;
  const { kind, tenant, name } = resource;
  if (tenant !== null) return `${kind}/${tenant}/${name ?? ''}`;
  return name === null ? kind : `${kind}/${name}`;
}
