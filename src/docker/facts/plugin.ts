import type { PluginPrivileges, PluginSettings, PluginSpec } from '../body/models/plugin.ts';
import { formatImageName, parseImageName, withDefaultTag } from '../image-reference.ts';
import type { ApiRequest } from '../types.ts';
import { environment } from './environment.ts';
import { indexed } from './field.ts';
import { cleanPath } from './go/clean-path.ts';
import { mergeAll, mergeFacts } from './merge.ts';
import { privilegeFacts } from './plugin-privileges.ts';
import { registryOfName } from './registry-address.ts';
import type { Facts } from './types.ts';

/** PluginPull and PluginUpgrade: a plugin from a registry, with the privileges that it is granted. */
export function pluginPullFacts(api: ApiRequest, granted: PluginPrivileges): Partial<Facts> {
  return mergeFacts(
    { plugins: [plugin('query remote', text(api.query['remote']))] },
    pluginRegistry(api),
    mergeAll(
      granted.map(({ Name = '', Value = [] }, index) => privilegeFacts(`[${index}].Value`, Name, Value)),
    ),
  );
}

/** GetPluginPrivileges: the Engine asks the registry. */
export function pluginRegistry({ query }: ApiRequest): Partial<Facts> {
  return registryOfName('query remote', text(query['remote']));
}

/** PluginCreate: a plugin out of an archive. */
export function pluginCreateFacts({ query }: ApiRequest): Partial<Facts> {
  return { plugins: [plugin('query name', text(query['name']))] };
}

/** PluginEnable: a plugin that is installed gets run. */
export function pluginEnableFacts({ params }: ApiRequest): Partial<Facts> {
  return { plugins: [plugin('path name', params['name'] ?? '')] };
}

/** PluginPush: to the registry of its name. */
export function pluginPushFacts({ params }: ApiRequest): Partial<Facts> {
  return registryOfName('path name', params['name'] ?? '');
}

/** PluginSet: variables, arguments, and the sources of mounts and devices (moby, plugin/v2/settable.go). */
export function pluginSetFacts(api: ApiRequest, settings: PluginSettings): Partial<Facts> {
  return mergeFacts(
    pluginEnableFacts(api),
    environment('', settings),
    mergeAll(settings.map((setting, index) => settingFacts(indexed('', index), setting))),
  );
}

/** A plugin that a service puts on every node. @param at its field */
export function pluginSpecFacts(at: string, spec: PluginSpec): Partial<Facts> {
  const { remote = '', privileges = [] } = spec;
  return mergeFacts(
    { plugins: [plugin(`${at}.remote`, remote)] },
    registryOfName(`${at}.remote`, remote),
    environment(`${at}.env`, spec.env),
    mergeAll(
      privileges.map(({ name = '', value = [] }, index) =>
        privilegeFacts(`${indexed(`${at}.privileges`, index)}.value`, name, value),
      ),
    ),
  );
}

/** `NAME.source=/path`, `NAME.path=/dev/x`; where the field is left out, the plugin alone knows what NAME is. */
function settingFacts(field: string, setting: string): Partial<Facts> {
  const [name = '', ...rest] = setting.split('=');
  const value = rest.join('=');
  const member = /.\.([^.]*)$/.exec(name)?.[1] ?? '';
  if (member === 'value' || (member === '' && !value.startsWith('/'))) return {};
  const path = cleanPath(value);
  return { hostPaths: [{ field, path, mode: 'rw', via: member === 'path' ? 'device' : 'bind' }] };
}

function plugin(field: string, reference: string): Facts['plugins'][number] {
  const name = parseImageName(reference);
  return { field, reference: name === null ? reference : formatImageName(withDefaultTag(name)) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
