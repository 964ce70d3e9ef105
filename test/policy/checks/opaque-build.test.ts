import { opaqueBuild } from '../../../src/policy/checks/opaque-build.ts';
import { describeCheck } from './support.ts';

const remedy = 'use the classic builder (DOCKER_BUILDKIT=0 docker build)';
const session = {
  field: 'query session',
  asks: 'brings the build over a channel that cannot be judged',
  remedy,
};

describeCheck(opaqueBuild, 'opaque-build', {
  refuses: [
    ...(['classic', 'buildkit'] as const).map(
      (builder) =>
        [
          `a session with the ${builder} builder`,
          { build: { context: 'session', builder, baseImages: null } },
          [session],
        ] as const,
    ),
    ...(['archive', 'remote'] as const).map(
      (context) =>
        [
          `BuildKit with its context from ${context}`,
          { build: { context, builder: 'buildkit', baseImages: null } },
          [{ field: 'query version', asks: 'builds with BuildKit, where nothing can be judged', remedy }],
        ] as const,
    ),
  ],
  accepts: [
    ['the classic builder', { build: { context: 'archive', builder: 'classic', baseImages: null } }],
    [
      "a context that is fetched, which is another check's",
      { build: { context: 'remote', builder: 'classic', baseImages: null } },
    ],
  ],
});
