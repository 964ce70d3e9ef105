import { annotation } from '../../../src/policy/checks/annotation.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Annotations';

describeCheck(annotation, 'annotation', {
  refuses: [
    [
      'an annotation',
      { annotations: [{ field, name: 'run.oci.hooks' }] },
      [
        {
          field,
          asks: 'gives the runtime the annotation "run.oci.hooks"',
          remedy: 'use a label (docker run --label, without --annotation)',
        },
      ],
    ],
  ],
  accepts: [],
});
