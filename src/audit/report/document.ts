import { visible as printable } from '../query/table.ts';

/** A document of headings, paragraphs and tables, and its two forms. Texts are plain: each form escapes them. */
export type Block =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'paragraph'; readonly text: string; readonly tone?: 'good' | 'bad' }
  | { readonly type: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | {
      readonly type: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

export interface Document {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** GitHub's Markdown. */
export function toMarkdown({ title, blocks }: Document): string {
  return `${[`# ${markdown(title)}`, ...blocks.map(markdownBlock)].join('\n\n')}\n`;
}

function markdownBlock(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `## ${markdown(block.text)}`;
    case 'paragraph':
      return block.tone === undefined ? markdown(block.text) : `**${markdown(block.text)}**`;
    case 'facts':
      return markdownTable(['', ''], block.facts);
    case 'table':
      return markdownTable(block.columns, block.rows);
  }
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdown).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** Whatever a name holds is text: neither a link, nor an image, nor HTML, nor the end of a cell. */
function markdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()#|!~$]/g, '\\$&')
    .replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? '')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)\.(?!\d)/, '$1\\.')
    .replace(/(?:https?|ftp):/gi, (scheme) => `${scheme.slice(0, -1)}&#58;`)
    .replace(/(www)\./gi, '$1&#46;')
    .replace(/@/g, '&#64;');
}

/** One file without scripts and without anything from elsewhere. */
export function toHtml({ title, blocks }: Document): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${html(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${html(title)}</h1>`,
    ...blocks.map(htmlBlock),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function htmlBlock(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `<h2>${html(block.text)}</h2>`;
    case 'paragraph':
      return `<p${block.tone === undefined ? '' : ` class="${block.tone}"`}>${html(block.text)}</p>`;
    case 'facts':
      return `<table class="facts">\n${block.facts
        .map(([name, value]) => `<tr><th scope="row">${html(name)}</th><td>${html(value)}</td></tr>`)
        .join('\n')}\n</table>`;
    case 'table': {
      const head = block.columns.map((column) => `<th scope="col">${html(column)}</th>`).join('');
      const rows = block.rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`,
      );
      return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function html(text: string): string {
  return printable(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; background: #fff; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; width: 100%; margin: 0.8rem 0; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border: 1px solid #d5d5d5; overflow-wrap: anywhere; }
thead th { background: #f1f1f1; } .facts th { width: 15rem; background: #f7f7f7; font-weight: 600; }
.good { border-left: 4px solid #2e7d32; padding: 0.4rem 0.8rem; background: #f1f8f1; }
.bad { border-left: 4px solid #b3261e; padding: 0.4rem 0.8rem; background: #fdf1f0; font-weight: 600; }
@media print { body { max-width: none; margin: 0; font-size: 11px; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;
