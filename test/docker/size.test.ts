import { describe, expect, it } from 'vitest';
import { parseSize } from '../../src/docker/size.ts';

describe('a size', () => {
  it.each([
    ['0', 0n],
    ['1024', 1024n],
    ['7b', 7n],
    ['512m', 536870912n],
    ['2g', 2147483648n],
    ['2G', 2147483648n],
    ['64kb', 65536n],
    ['64KiB', 65536n],
    ['1t', 1099511627776n],
    ['3 mb', 3145728n],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'm', '-1', '1.5g', '1e3', '1p', '1mm', 'g1', ' 1', '1bb'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});
