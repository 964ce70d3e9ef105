import { remoteBuild } from '../../../src/policy/checks/remote-build.ts';
import { describeCheck } from './support.ts';

const build = { context: 'remote', builder: 'classic', baseImages: null } as const;
const remedy = 'send the context (docker build . instead of docker build URL)';

describeCheck(remoteBuild, 'remote-build', {
  refuses: [
    [
      'a context that the Engine fetches',
      { build: { ...build, remote: { field: 'query remote', url: 'http://169.254.169.254/x' } } },
      [
        {
          field: 'query remote',
          asks: 'has the Engine fetch the build context from "http://169.254.169.254/x"',
          remedy,
        },
      ],
    ],
    [
      'a context from who knows where',
      { build },
      [
        {
          field: 'query remote',
          asks: 'has the Engine fetch the build context from an address that cannot be told',
          remedy,
        },
      ],
    ],
  ],
  accepts: (['archive', 'session'] as const).map(
    (context) => [`a context by way of ${context}`, { build: { ...build, context } }] as const,
  ),
});
