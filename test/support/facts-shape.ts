import { type FactNode, readFactTypes } from './facts-types.ts';

const HEAD = `/** Generated from types.ts by \`npm run docs:facts\`: do not edit. */

/** What stands at one place under \`Facts\`. */
export type FactShape =
  | (Absence & { readonly kind: 'string'; readonly values?: readonly string[] })
  | (Absence & { readonly kind: 'boolean' | 'bigint' | 'number' })
  | (Absence & { readonly kind: 'array' | 'map'; readonly of: FactShape })
  | (Absence & { readonly kind: 'object'; readonly fields: Readonly<Record<string, FactShape>> });

interface Absence {
  /** It may be null. */
  readonly nullable?: true;
  /** It may be missing. */
  readonly optional?: true;
}

/** Every name under \`Facts\`. */
export const FACTS_SHAPE: Extract<FactShape, { readonly kind: 'object' }> = `;

/** The text of src/docker/facts/shape.ts. */
export function renderShape(): string {
  return `${HEAD}${render(readFactTypes(), 0)};\n`;
}

function render(node: FactNode, depth: number): string {
  const pad = '  '.repeat(depth + 1);
  const flags = `${node.nullable ? ', nullable: true' : ''}${node.optional ? ', optional: true' : ''}`;
  const head = `kind: '${node.kind}'${flags}`;
  switch (node.kind) {
    case 'object': {
      const fields = node.members.map((member) => `${pad}  ${member.name}: ${render(member, depth + 2)},\n`);
      return `{\n${pad}${head},\n${pad}fields: {\n${fields.join('')}${pad}},\n${'  '.repeat(depth)}}`;
    }
    case 'array':
    case 'map':
      return node.of === null
        ? ''
        : `{\n${pad}${head},\n${pad}of: ${render(node.of, depth + 1)},\n${'  '.repeat(depth)}}`;
    default: {
      const values = node.values.map((value) => `'${value}'`).join(', ');
      return values === '' ? `{ ${head} }` : `{ ${head}, values: [${values}] }`;
    }
  }
}
