import { parseSize } from '../../docker/size.ts';
import type { Mutation } from '../../policy/mutations/mutation.ts';
import { compileMutations } from '../../policy/mutations/rules.ts';
import type { Limits } from './amounts.ts';
import { type PortRanges, parsePorts } from './ports.ts';

/** One entry of `quotas` in the configuration. */
export interface QuotaRule {
  /** Names of tenants; `*` is every tenant. */
  readonly for: readonly string[];
  readonly containers?: number | undefined;
  readonly running?: number | undefined;
  /** As Docker writes sizes: `512m`, `4g`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  readonly volumes?: number | undefined;
  readonly networks?: number | undefined;
  /** As `parsePorts` reads them. */
  readonly ports?: string | undefined;
  readonly imageBytes?: string | undefined;
  readonly defaultMemory?: string | undefined;
  readonly defaultCpus?: number | undefined;
  readonly defaultPids?: number | undefined;
}

/** What one tenant may have. */
export interface Quota {
  readonly limits: Limits;
  readonly ports?: PortRanges;
  readonly imageBytes?: bigint;
}

const BILLION = 1e9;

/**
 * The quota of each tenant: the first rule that is for it decides alone.
 *
 * @throws Error when a size or a port is none, which the configuration's schema rules out
 */
export function compileQuotas(rules: readonly QuotaRule[]): (tenant: string) => Quota | undefined {
  const compiled = new Map(rules.map((rule) => [rule, quotaOf(rule)]));
  return (tenant) => {
    const rule = ruleFor(rules, tenant);
    return rule === undefined ? undefined : compiled.get(rule);
  };
}

/**
 * The mutations that give containers the default limits of their tenant's quota, to be applied after those of the
 * configuration's `mutations`. The first rule that is for the tenant decides here too, which several rules of
 * mutations could not say.
 */
export function defaultLimits(rules: readonly QuotaRule[]): (tenant: string) => readonly Mutation[] {
  const compiled = new Map(
    rules.map((rule) => {
      const { defaultMemory: memory, defaultCpus: cpus, defaultPids: pids } = rule;
      return [rule, compileMutations([{ for: ['*'], memory, cpus, pids }])(new Set(['*']))];
    }),
  );
  return (tenant) => {
    const rule = ruleFor(rules, tenant);
    return rule === undefined ? [] : (compiled.get(rule) ?? []);
  };
}

function ruleFor(rules: readonly QuotaRule[], tenant: string): QuotaRule | undefined {
  return rules.find((rule) => rule.for.includes(tenant) || rule.for.includes('*'));
}

function quotaOf({ memory, cpus, ports, imageBytes, ...rule }: QuotaRule): Quota {
  const pieces = (['containers', 'running', 'volumes', 'networks'] as const).flatMap((of) => {
    const most = rule[of];
    return most === undefined ? [] : [[of, BigInt(most)] as const];
  });
  return {
    limits: {
      ...Object.fromEntries(pieces),
      ...(memory === undefined ? {} : { memory: sizeOf(memory) }),
      ...(cpus === undefined ? {} : { cpus: BigInt(Math.round(cpus * BILLION)) }),
    },
    ...(ports === undefined ? {} : { ports: portsOf(ports) }),
    ...(imageBytes === undefined ? {} : { imageBytes: sizeOf(imageBytes) }),
  };
}

function sizeOf(text: string): bigint {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new Error(`"${text}" is no size`);
  return bytes;
}

function portsOf(text: string): PortRanges {
  const ports = parsePorts(text);
  if (ports === undefined) throw new Error(`"${text}" names no ports`);
  return ports;
}
