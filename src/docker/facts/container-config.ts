import type { ContainerConfig } from '../body/models/container-config.ts';
import { checkTrigger } from './dockerfile/changes.ts';
import { environment } from './environment.ts';
import { keyed } from './field.ts';
import { hiddenPath } from './host-config/hidden-path.ts';
import { volumeFacts } from './host-config/volume.ts';
import { mergeAll, mergeFacts } from './merge.ts';
import type { Facts } from './types.ts';
import { userFact } from './user.ts';

type ConfigIn = Pick<
  ContainerConfig,
  'User' | 'Env' | 'Labels' | 'Entrypoint' | 'Cmd' | 'Volumes' | 'OnBuild'
>;

/**
 * What is the same for a container that is made and for one that is committed: who runs what, with which volumes.
 *
 * @param driver `VolumeDriver`, which makes the anonymous volumes
 * @throws Refusal; see `checkTrigger`
 */
export function configFacts(config: ConfigIn, driver = ''): Partial<Facts> {
  const { User = '', Labels = {}, Entrypoint = [], Cmd = [], Volumes = {}, OnBuild = [] } = config;
  for (const trigger of OnBuild) checkTrigger('OnBuild', trigger);
  return mergeFacts(
    { user: userFact('User', User), labels: Labels, command: [...Entrypoint, ...Cmd] },
    environment('Env', config.Env),
    mergeAll(
      Object.keys(Volumes).map((path) => {
        const volume = volumeFacts({ field: keyed('Volumes', path), name: '', mode: 'rw', driver });
        return mergeFacts(volume, hiddenPath(keyed('Volumes', path), path, ':'));
      }),
    ),
  );
}
