import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../../docs/performance.md', import.meta.url);

/** Puts a section between its marks in docs/performance.md. */
export function intoPage(name: string, command: string, text: string): void {
  writeFileSync(PAGE, replaced(readFileSync(PAGE, 'utf8'), name, command, text));
}

/** The page with another text between the marks of a section. */
export function replaced(page: string, name: string, command: string, text: string): string {
  const begin = `<!-- ${name}: written by ${command} -->\n`;
  const end = `<!-- end of ${name} -->`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/performance.md has lost the marks between which the ${name} go.`);
  return `${before}${begin}\n${text}\n\n${end}${after}`;
}
