import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { renderDocs } from './facts-markdown.ts';
import { renderShape } from './facts-shape.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Files that are generated from src/docker/facts/types.ts, each with the text it must have. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: join(ROOT, 'src/docker/facts/shape.ts'), text: formatted(renderShape()) },
    { path: join(ROOT, 'docs/facts.md'), text: renderDocs() },
  ];
}

function formatted(source: string): string {
  return execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['format', '--stdin-file-path=shape.ts'], {
    cwd: ROOT,
    input: source,
    encoding: 'utf8',
  });
}
