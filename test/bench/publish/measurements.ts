import type { AuditResult } from '../costs/audit.ts';
import type { CommandCost } from '../costs/commands.ts';
import type { Cost, DecisionCost } from '../costs/judgement.ts';
import type { MemoryCosts } from '../costs/memory.ts';
import type { ReloadCosts } from '../costs/reload.ts';
import type { StartCosts } from '../costs/start.ts';
import type { TenancyCosts } from '../costs/tenancy-report.ts';
import type { WorkerCosts } from '../costs/workers.ts';
import type { Result } from './result.ts';

/** The circumstances of a run, which its numbers can not be read without. */
export interface Facts {
  /** RFC 3339, when it began. */
  readonly time: string;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly haproxy: string;
  readonly nginx: string;
  readonly engine: string;
  /** The benchmark alone brings it to about 3; what is beyond that are others on the same CPUs. */
  readonly loadAverage: { readonly before: number; readonly after: number };
  readonly seconds: number;
  readonly peakMiB: { readonly gateway: number; readonly haproxy: number; readonly nginx: number };
}

/** What was measured. */
export interface Measurements {
  readonly requests: readonly Result[];
  readonly offered: readonly Result[];
  readonly connections: readonly Result[];
  readonly transfers: readonly Result[];
  readonly echo: readonly Result[];
  readonly commands: readonly CommandCost[];
  readonly memory: MemoryCosts;
  readonly start: StartCosts;
  readonly reload: ReloadCosts;
  readonly workers: WorkerCosts;
  readonly costs: readonly Cost[];
  readonly decisions: readonly DecisionCost[];
  readonly tenancy: TenancyCosts;
  readonly audit: readonly AuditResult[];
}
