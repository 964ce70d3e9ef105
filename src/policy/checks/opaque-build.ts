import { type Check, defineCheck } from './check.ts';

/** A session is BuildKit's, but who asks for one only is refused too: what comes over it is not seen. */
export const opaqueBuild: Check = defineCheck(
  {
    id: 'opaque-build',
    forbids: 'builds of which nothing is seen: BuildKit and its sessions',
    source: 'ours: unknown means no',
    remedy: 'use the classic builder (DOCKER_BUILDKIT=0 docker build)',
  },
  ({ build }) => {
    if (build?.context === 'session')
      return [{ field: 'query session', asks: 'brings the build over a channel that cannot be judged' }];
    if (build?.builder === 'buildkit')
      return [{ field: 'query version', asks: 'builds with BuildKit, where nothing can be judged' }];
    return [];
  },
);
