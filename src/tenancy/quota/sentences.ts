import { Refusal } from '../../errors.ts';
import type { Dimension } from './amounts.ts';
import type { Unlimited } from './demand.ts';
import type { Holding } from './holdings.ts';

const UNITS = [
  ['t', 2 ** 40],
  ['g', 2 ** 30],
  ['m', 2 ** 20],
  ['k', 2 ** 10],
] as const;

const NOUNS: Readonly<Record<Dimension, string>> = {
  containers: 'containers',
  running: 'running containers',
  memory: 'of memory reserved',
  cpus: 'CPUs reserved',
  volumes: 'volumes',
  networks: 'networks',
};

const REMEDIES: Readonly<Record<Dimension, string>> = {
  containers: 'remove one',
  running: 'stop one',
  memory: 'remove a container, lower the limit of one (docker update --memory)',
  cpus: 'remove a container, lower the limit of one (docker update --cpus)',
  volumes: 'remove one',
  networks: 'remove one',
};

/**
 * Writes refusals.
 *
 * @param contact whom to ask; the operator where nobody is named
 * @param ownName what a tenant calls what is its own
 */
export class Sentences {
  readonly #ask: string;

  readonly #ownName: (tenant: string, onEngine: string) => string;

  constructor(
    contact: string | undefined,
    ownName: (tenant: string, onEngine: string) => string = (_, onEngine) => onEngine,
  ) {
    this.#ownName = ownName;
    this.#ask = `ask ${contact ?? 'the operator of this gateway'} for a larger quota`;
  }

  /** What is used, what is allowed and what to do. @param underWay how much of what is used is not there yet */
  excess(
    tenant: string,
    of: Dimension,
    state: {
      readonly used: bigint;
      readonly underWay: bigint;
      readonly asked: bigint;
      readonly most: bigint;
    },
    field?: string,
  ): Refusal {
    const { used, underWay, asked, most } = state;
    const coming = underWay > 0n ? ` (${amountText(of, underWay)} of them under way)` : '';
    const more =
      asked === 1n && of !== 'memory' && of !== 'cpus'
        ? ''
        : `, and this asks for ${amountText(of, asked)} more`;
    return quotaRefusal(
      `${tenant} has ${amountText(of, used)} of ${amountText(of, most)} ${NOUNS[of]}${coming}${more}; ${REMEDIES[of]}, or ${this.#ask}`,
      field,
    );
  }

  /** A request without a limit that is counted. */
  unlimited(tenant: string, { of, field, remedy }: Unlimited): Refusal {
    const [what, it] = of === 'memory' ? ['memory', 'it'] : ['CPUs', 'them'];
    return quotaRefusal(
      `${tenant} has a quota of ${what}, and this asks for no limit of ${it}; give one (${remedy})`,
      field,
    );
  }

  /** Something that is there and has no limit. */
  uncountable(tenant: string, of: 'memory' | 'cpus', { kind, name }: Holding): Refusal {
    const flag = of === 'memory' ? '--memory' : '--cpus';
    const limit = kind === 'service' ? 'docker service update --limit-...' : `docker update ${flag}`;
    return quotaRefusal(
      `the ${kind} ${this.#ownName(tenant, name)} of ${tenant} has no limit of ${of === 'memory' ? 'memory' : 'CPUs'}, so nothing can be left of the quota; give it one (${limit}), or remove it`,
    );
  }

  images(tenant: string, used: bigint, most: bigint): Refusal {
    return quotaRefusal(
      `${tenant} has ${sizeText(used)} of ${sizeText(most)} of images; remove one (docker rmi), or ${this.#ask}`,
    );
  }
}

/** As a person would say it: `10`, `3.5g`, `0.5`. */
export function amountText(of: Dimension, value: bigint): string {
  if (of === 'memory') return sizeText(value);
  return of === 'cpus' ? String(Math.round(Number(value) / 1e7) / 100) : String(value);
}

/** A size in the unit that fits, with at most two digits after the point. */
export function sizeText(bytes: bigint): string {
  const size = Number(bytes);
  const [unit, factor] = UNITS.find(([, least]) => size >= least) ?? ['b', 1];
  return `${Math.round((size / factor) * 100) / 100}${unit}`;
}

function quotaRefusal(sentence: string, field?: string): Refusal {
  return new Refusal(403, 'quota', sentence, field === undefined ? {} : { field });
}
