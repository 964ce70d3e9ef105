import type { PortFact } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { type ConditionFunction, defineFunction, either, type Offence, texts } from './function.ts';

/** Ports of the host that may be published. */
interface Ports {
  readonly first: number;
  readonly last: number;
  /** Undefined means any address of the host. */
  readonly address: string | undefined;
}

export const portsWithin: ConditionFunction = defineFunction(
  {
    name: 'portsWithin',
    reason: 'port-not-permitted',
    means:
      'Every port of the host that is published lies in one of the ranges. `0` stands for a port that the Engine picks; with an address in front, the port must be published on that address.',
    example: "portsWithin('30000-32767', '127.0.0.1:8080', '0')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.PortBindings',
  },
  (args) => {
    const ranges = texts(args).map(parsePorts);
    const wrong = texts(args).find((_, index) => ranges[index] === undefined);
    if (wrong !== undefined)
      return `"${wrong}" is no port or range, such as "8080", "30000-32767", "127.0.0.1:80"`;
    return {
      remedy: `publish on ${either(texts(args))}`,
      offences: ({ ports }) =>
        ports.filter((port) => !ranges.some((range) => isWithin(port, range as Ports))).map(offence),
    };
  },
);

function parsePorts(text: string): Ports | undefined {
  const [, bracketed, plain, start, end = start] =
    /^(?:\[([0-9a-f:.]+)\]:|([0-9.]+):)?([0-9]{1,5})(?:-([0-9]{1,5}))?$/i.exec(text) ?? [];
  const [first, last] = [Number(start), Number(end)];
  if (start === undefined || first > last || last > 65_535 || (first === 0 && last > 0)) return undefined;
  return { first, last, address: bracketed?.toLowerCase() ?? plain };
}

function isWithin({ host, address }: PortFact, range: Ports): boolean {
  if (range.address !== undefined && range.address !== address.toLowerCase()) return false;
  if (host === null) return range.first === 0;
  return range.first <= host.first && host.last <= range.last;
}

function offence({ field, host, address }: PortFact): Offence {
  const where = address === '' ? '' : ` on ${quoted(address)}`;
  if (host === null) return { field, asks: `publishes a port that the Engine picks${where}` };
  const ports = host.first === host.last ? `port ${host.first}` : `ports ${host.first} to ${host.last}`;
  return { field, asks: `publishes ${ports} of the host${where}` };
}
