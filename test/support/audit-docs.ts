import { writeFileSync } from 'node:fs';
import { PAGE_FILE, pageText, SCHEMA_FILE, schemaText } from './audit-schema.ts';

/** `npm run docs:audit`: writes docs/audit-record.schema.json, and the tables of docs/audit-record.md. */
writeFileSync(SCHEMA_FILE, schemaText());
writeFileSync(PAGE_FILE, pageText());
