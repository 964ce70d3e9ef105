import { runtime } from '../../../src/policy/checks/runtime.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Runtime';

describeCheck(runtime, 'runtime', {
  refuses: ['io.containerd.kata.v2', 'runc'].map(
    (name) =>
      [
        `the runtime ${name}`,
        { runtime: { field, name } },
        [
          {
            field,
            asks: `chooses the runtime "${name}"`,
            remedy: "leave it out, the Engine's default runs then (docker run without --runtime)",
          },
        ],
      ] as const,
  ),
  accepts: [],
});
