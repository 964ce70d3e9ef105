import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS_SHAPE } from '../../../src/docker/facts/shape.ts';
import { generatedFiles } from '../../support/facts-files.ts';

describe('what is generated from the types of the facts', () => {
  const files = generatedFiles();

  it.each(files.map(({ path, text }) => [basename(path), path, text] as const))(
    '%s is current (else run `npm run docs:facts`)',
    (_, path, text) => {
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('knows a name three levels down, and that it is in an array', () => {
    const { capabilities } = FACTS_SHAPE.fields;
    expect(capabilities).toMatchObject({
      kind: 'object',
      fields: { added: { kind: 'array', of: { kind: 'object', fields: { name: { kind: 'string' } } } } },
    });
  });

  it('tells what may be null or missing', () => {
    expect(FACTS_SHAPE.fields['image']).toMatchObject({ nullable: true });
    expect(FACTS_SHAPE.fields['resources']).toMatchObject({
      fields: { memory: { optional: true, fields: { value: { kind: 'bigint' } } } },
    });
  });
});
