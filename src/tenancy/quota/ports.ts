import type { PortFact } from '../../docker/facts/types.ts';
import { Refusal } from '../../errors.ts';

const LAST_PORT = 65_535;
const EPHEMERAL = 'ephemeral';

/** Ports of the host that a tenant may publish. */
export interface PortRanges {
  /** As the configuration has them, for messages. */
  readonly text: string;
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  /** Whether the Engine may pick a port, which then lies anywhere. */
  readonly ephemeral: boolean;
}

/**
 * Reads ports and ranges separated by commas: `30000-30999, 8080`. The word `ephemeral` stands for ports that the
 * Engine picks.
 *
 * @returns undefined when it is no such text
 */
export function parsePorts(text: string): PortRanges | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const ranges = parts.filter((part) => part !== EPHEMERAL).map(range);
  if (ranges.some((each) => each === undefined)) return undefined;
  return {
    text: parts.join(', '),
    ranges: ranges.filter((each) => each !== undefined),
    ephemeral: parts.includes(EPHEMERAL),
  };
}

/**
 * Refuses what publishes another port of the host. A port that the Engine picks is another one, unless `ephemeral` is
 * allowed: a range as the host port (`-p 30000-30999:80`) lets the Engine pick within it.
 *
 * @throws Refusal 403 `quota` with the field of the port
 */
export function checkPorts(tenant: string, allowed: PortRanges, ports: readonly PortFact[]): void {
  for (const { field, host, container } of ports) {
    if (host === null ? allowed.ephemeral : allowed.ranges.some(holds(host))) continue;
    const asked =
      host === null
        ? `a port that the Engine picks for ${container === '*' ? 'every exposed port' : container}`
        : `port ${host.first === host.last ? host.first : `${host.first}-${host.last}`} of the host`;
    const [first] = allowed.ranges;
    const example = first === undefined ? '' : `, such as -p ${rangeText(first)}:80`;
    throw new Refusal(
      403,
      'quota',
      `${tenant} may publish ${allowed.text} of the host's ports, and this publishes ${asked}; name one of those${example}`,
      { field },
    );
  }
}

function range(text: string): PortRanges['ranges'][number] | undefined {
  const [, start = '', end = start] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(start), Number(end)];
  return start === '' || first < 1 || last > LAST_PORT || last < first ? undefined : { first, last };
}

function holds(host: { readonly first: number; readonly last: number }) {
  return ({ first, last }: PortRanges['ranges'][number]) => host.first >= first && host.last <= last;
}

function rangeText({ first, last }: PortRanges['ranges'][number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}
