import { type Check, defineCheck } from './check.ts';

export const workingDirectory: Check = defineCheck(
  {
    id: 'working-directory',
    forbids: 'working directories under /proc, by which runc before 1.1.12 left the container',
    source: 'CVE-2024-21626',
    remedy: "name a directory of the image's own (docker run --workdir /app)",
  },
  ({ hostPaths }) =>
    hostPaths
      .filter(({ via }) => via === 'working-dir')
      .map(({ field }) => ({ field, asks: 'starts under /proc, once a way out of containers' })),
);
