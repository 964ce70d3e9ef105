import { cleanPath } from '../../docker/facts/go/clean-path.ts';
import type { HostPathFact } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';
import { takenOver } from './mounts-taken-over.ts';

interface Root {
  readonly path: string;
  readonly readOnly: boolean;
}

export const hostPathsWithin: ConditionFunction = defineFunction(
  {
    name: 'hostPathsWithin',
    reason: 'host-path-not-permitted',
    means:
      'Every path of the host that the request reaches (binds, devices, files of log drivers and volume drivers) is one of these or below it; one that ends in `:ro` may only be mounted read-only.',
    example: "hostPathsWithin('/srv/ci', '/etc/ssl/certs:ro')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.Binds',
  },
  (args, { realPath }) => {
    const roots = texts(args).map(rootOf);
    const wrong = texts(args).find((_, index) => roots[index] === null);
    if (wrong !== undefined) return `"${wrong}" is no clean absolute path, such as /srv/ci or /srv/ci:ro`;
    // Both a path as it was asked for and where it leads are judged: so may the root be a link.
    const sound = (roots as readonly Root[]).flatMap((root) => [
      root,
      { ...root, path: realPath?.(root.path) ?? root.path },
    ]);
    return {
      remedy: `mount what is below ${either(texts(args).map(worded))}, or a named volume`,
      offences: ({ hostPaths, volumesFrom }) => [
        ...hostPaths
          .filter((fact) => !sound.some((root) => isWithin(fact, root)))
          .map((fact) => offence(fact, sound)),
        ...takenOver(volumesFrom),
      ],
    };
  },
);

function rootOf(text: string): Root | null {
  const readOnly = text.endsWith(':ro');
  const path = readOnly ? text.slice(0, -':ro'.length) : text;
  return cleanPath(path) === path && !/[*:]/.test(path) ? { path, readOnly } : null;
}

/** By whole components: /srv/ci2 is not within /srv/ci. */
function isWithin({ path, mode }: HostPathFact, root: Root): boolean {
  if (path === null || (root.readOnly && mode !== 'ro')) return false;
  return root.path === '/' || path === root.path || path.startsWith(`${root.path}/`);
}

function worded(text: string): string {
  return text.endsWith(':ro') ? `${text.slice(0, -':ro'.length)} (read-only)` : text;
}

function offence({ field, path, mode, via }: HostPathFact, roots: readonly Root[]) {
  if (path === null) return { field, asks: 'reaches a path of the host that can not be told', untold: true };
  const couldBeRead = roots.some((root) => isWithin({ field, path, mode: 'ro', via }, root));
  const how = mode === 'ro' ? ', read-only' : couldBeRead ? ', and may write it' : '';
  return { field, asks: `reaches ${quoted(path)} of the host${how}` };
}
