import { describe, expect, it } from 'vitest';
import { byFile, byFunction, type CpuProfile, stacksOf } from './cpuprofile.ts';
import { flameGraph } from './flame.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });

/** `read` is called from two places in `serve`, which are two nodes for V8 and one stack for us. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 6] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('serve', 'file:///x/dist/gateway.js'), children: [4, 5] },
    { id: 4, callFrame: frame('read', 'file:///x/node_modules/@fastify/proxy/lib/a.js') },
    { id: 5, callFrame: frame('read', 'file:///x/node_modules/@fastify/proxy/lib/a.js') },
    { id: 6, callFrame: frame('(garbage collector)') },
  ],
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [1_000, 10, 20, 30, 40],
};

describe('a profile', () => {
  const root = stacksOf(profile);

  it('is read without idle time, and equal stacks are one', () => {
    expect(root.total).toBe(100);
    const serve = root.calls.get('serve gateway.js');
    expect(serve).toMatchObject({ self: 10, total: 60 });
    expect([...(serve?.calls.values() ?? [])]).toMatchObject([{ name: 'read', self: 50, total: 50 }]);
  });

  it('is summed by file and by function', () => {
    expect(byFile(root)).toEqual([
      { name: '@fastify/proxy', self: 0.5 },
      { name: '(garbage collector)', self: 0.4 },
      { name: 'gateway.js', self: 0.1 },
    ]);
    expect(byFunction(root)[0]).toEqual({ name: 'read @fastify/proxy', self: 0.5 });
  });

  it('is drawn with a frame for each stack', () => {
    const svg = flameGraph(root, 'a < b');
    expect(svg.match(/<g>/g)).toHaveLength(4);
    expect(svg).toContain('<title>a &lt; b</title>');
    expect(svg).toContain('read @fastify/proxy, 50.0 %');
  });
});
