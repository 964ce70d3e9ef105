import type { Mount } from '../../body/models/mounts.ts';
import { indexed } from '../field.ts';
import { cleanPath } from '../go/clean-path.ts';
import { imageFact } from '../image.ts';
import { mergeAll, mergeFacts } from '../merge.ts';
import type { Facts } from '../types.ts';
import { bindFacts } from './bind.ts';
import { hiddenPath } from './hidden-path.ts';
import { tmpfsFacts } from './tmpfs.ts';
import { volumeFacts } from './volume.ts';

/** `Mounts` of every type. @param at the field of the list: `HostConfig.Mounts` */
export function mounts(at: string, list: readonly Mount[] = []): Partial<Facts> {
  return mergeAll(
    list.map((each, index) => {
      const field = indexed(at, index);
      const { Source, Target, Consistency, BindOptions, VolumeOptions } = each;
      const texts = [Source, Target, Consistency, BindOptions?.Propagation, VolumeOptions?.Subpath];
      return mergeAll([mountFacts(field, each), hiddenPath(field, texts.join(''), ',"\r\n')]);
    }),
  );
}

function mountFacts(field: string, mount: Mount): Partial<Facts> {
  const { Type: type = '', Source: source = '', ReadOnly: readOnly = false } = mount;
  const mode = readOnly ? 'ro' : 'rw';
  // The Engine refuses options of another type than the mount's; here they count whatever the type is.
  const options = volumeOptions(field, mount, mode);
  const propagation = mount.BindOptions?.Propagation;
  switch (type) {
    case 'bind':
      return mergeFacts(options, bindFacts({ field, path: cleanPath(source), mode, propagation }));
    case 'volume':
      return mergeFacts(
        options,
        volumeFacts({
          field,
          name: source,
          mode,
          driver: mount.VolumeOptions?.DriverConfig?.Name ?? '',
          options: Object.keys(mount.VolumeOptions?.DriverConfig?.Options ?? {}),
        }),
      );
    case 'tmpfs':
      return mergeFacts(options, tmpfsFacts(field, mount.Target ?? '', tmpfsOptions(mount)));
    case 'image':
      return mergeFacts(options, {
        mountTypes: [{ field, type }],
        images: [imageFact(`${field}.Source`, source)],
      });
    case 'cluster':
      return mergeFacts(options, {
        mountTypes: [{ field, type }],
        volumes: [{ field, name: source, driver: '', options: [], mode }],
      });
    default:
      // A pipe of Windows, or a type that no Engine has yet: it may be any path.
      return mergeFacts(options, {
        mountTypes: [{ field, type }],
        hostPaths: [{ field, path: null, mode, via: 'bind' }],
      });
  }
}

/** Flags, and names with a value, as they would stand in `HostConfig.Tmpfs`. */
function tmpfsOptions(mount: Mount): readonly string[] {
  return (mount.TmpfsOptions?.Options ?? []).flatMap((option) => option.join('=').split(','));
}

function volumeOptions(field: string, mount: Mount, mode: 'ro' | 'rw'): Partial<Facts> {
  const { Labels: labels = {}, DriverConfig: driver = {} } = mount.VolumeOptions ?? {};
  const given = Object.keys(driver.Options ?? {}).length > 0;
  const at = `${field}.VolumeOptions.DriverConfig.Options`;
  return { labels, hostPaths: given ? [{ field: at, path: null, mode, via: 'driver-option' }] : [] };
}
