import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** `runc` too: where an operator made gVisor or Kata the default, naming runc is the way out of it. */
export const runtime: Check = defineCheck(
  {
    id: 'runtime',
    forbids: 'the choice of a runtime',
    source: 'ours: newer Engines run any shim on their PATH',
    remedy: "leave it out, the Engine's default runs then (docker run without --runtime)",
  },
  ({ runtime }) =>
    runtime === null ? [] : [{ field: runtime.field, asks: `chooses the runtime ${quoted(runtime.name)}` }],
);
