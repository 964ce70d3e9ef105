import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { destinationsOf } from '../../src/listener/destination.ts';

/** What a request is for: the Engine's name, or 421. */
function leads(
  hosts: Readonly<Record<string, readonly string[]>>,
  [host, servername]: readonly [host?: string | undefined, servername?: string | false | undefined],
  door?: string,
): string | number {
  const engines = Object.entries(hosts).map(([name, of]) => ({ name, hosts: of }));
  const found = destinationsOf(engines)(door)({ host, servername });
  if (!(found instanceof Refusal)) return found;
  expect(found.reason).toBe('misdirected-request');
  return found.status;
}

const OPEN = { default: [], build: ['build.test', '10.0.0.1', '::1'], gpu: ['gpu.test'] };
const CLOSED = { ...OPEN, default: ['main.test'] };

describe('the Engine that a request is for', () => {
  it.each([
    ['by its Host', ['build.test'], 'build'],
    ['with a port', ['build.test:2376'], 'build'],
    ['with capitals and a dot at the end', ['Build.TEST.:2376'], 'build'],
    ['by a listed address', ['10.0.0.1:2376'], 'build'],
    ['by a listed address of IPv6', ['[::1]:2376'], 'build'],
    ['by a name that is nobody else’s', ['docker'], 'default'],
    ['by an address that is nobody else’s', ['127.0.0.1:2376'], 'default'],
    ['by a name that only begins like one', ['build.test.example.org'], 'default'],
    ['by the TLS name where there is no Host', [undefined, 'build.test'], 'build'],
    ['by the TLS name where Host is empty', ['', 'gpu.test.'], 'gpu'],
    ['by nothing', [undefined, false], 'default'],
    ['by both', ['build.test', 'BUILD.test'], 'build'],
    ['by both, other names of the same one', ['docker', 'localhost'], 'default'],
    ['by a Host that is another’s than the TLS name', ['build.test', 'gpu.test'], 421],
    ['by a Host that is nobody’s under a TLS name that is one’s', ['docker', 'build.test'], 421],
    ['by a Host that is one’s under a TLS name that is nobody’s', ['build.test', 'localhost'], 421],
  ] as const)('is found %s', (_, named, expected) => {
    expect(leads(OPEN, named)).toBe(expected);
  });

  it.each([
    ['a name of the default one', ['main.test'], 'default'],
    ['a name of another', ['gpu.test', 'gpu.test'], 'gpu'],
    ['a name of nobody', ['docker'], 421],
    ['an address', ['127.0.0.1:2376'], 421],
    ['nothing', [undefined, undefined], 421],
    ['the TLS name of nobody', [undefined, 'docker'], 421],
    ['a good name under a TLS name of nobody', ['main.test', 'docker'], 421],
  ] as const)('must be called by its names where the default one has some: %s', (_, named, expected) => {
    expect(leads(CLOSED, named)).toBe(expected);
  });

  it.each([
    ['its own name', ['build.test'], 'build'],
    ['nobody’s name', ['docker', 'localhost'], 'build'],
    ['nothing', [undefined, false], 'build'],
    ['the name of another', ['gpu.test'], 421],
    ['the TLS name of another', ['docker', 'gpu.test'], 421],
    ['the name of the default one', ['main.test'], 421],
  ] as const)('is that of a listener of its own, for %s', (_, named, expected) => {
    expect(leads(CLOSED, named, 'build')).toBe(expected);
  });
});
