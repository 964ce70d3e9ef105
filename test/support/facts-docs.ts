import { writeFileSync } from 'node:fs';
import { generatedFiles } from './facts-files.ts';

/** `npm run docs:facts`: writes what is generated from src/docker/facts/types.ts. */
for (const { path, text } of generatedFiles()) writeFileSync(path, text);
