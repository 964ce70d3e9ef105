import { writeFileSync } from 'node:fs';
import { CHECKS_PAGE, renderChecks } from './checks-table.ts';

/** `npm run docs:checks`: writes docs/checks.md. */
writeFileSync(CHECKS_PAGE, renderChecks());
