import { describe, expect, it } from 'vitest';
import { type BindSpec, parseBind } from '../../../../src/docker/facts/host-config/bind-spec.ts';
import { BIND_TABLE } from './bind-table.ts';

function meaning(spec: BindSpec | null): string {
  if (spec === null) return 'refused';
  const { path, volume, mode, relabel, propagation } = spec;
  if (volume !== null) return `volume ${volume} ${mode}`;
  return ['bind', path, mode, relabel, propagation].filter((word) => word !== undefined).join(' ');
}

describe('an entry of Binds', () => {
  it.each(BIND_TABLE)('%j is %s', (text, expected) => {
    expect(meaning(parseBind(text))).toBe(expected);
  });
});
