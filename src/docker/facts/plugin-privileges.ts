import { indexed } from './field.ts';
import { cleanPath } from './go/clean-path.ts';
import { capability } from './host-config/capabilities.ts';
import { mergeAll } from './merge.ts';
import type { Facts } from './types.ts';

/**
 * What a plugin is granted, in the words of a container: the Engine installs it only if these are exactly the
 * privileges that it asks for (moby, plugin/backend_linux.go, computePrivileges).
 *
 * @param at the field of the privilege
 */
export function privilegeFacts(at: string, name: string, values: readonly string[]): Partial<Facts> {
  return mergeAll(values.map((value, index) => privilege(indexed(at, index), name, value)));
}

function privilege(field: string, name: string, value: string): Partial<Facts> {
  switch (name) {
    case 'network':
      return value === 'host' ? { hostNamespaces: [{ field, namespace: 'network' }] } : {};
    case 'host ipc namespace':
      return { hostNamespaces: [{ field, namespace: 'ipc' }] };
    case 'host pid namespace':
      return { hostNamespaces: [{ field, namespace: 'pid' }] };
    case 'mount':
      return {
        hostPaths: [{ field, path: cleanPath(value), mode: 'rw', via: 'bind' }],
        mountTypes: [{ field, type: 'bind' }],
      };
    case 'device':
      return {
        hostPaths: [{ field, path: cleanPath(value), mode: 'rw', via: 'device' }],
        devices: [{ field, kind: 'device', value }],
      };
    case 'allow-all-devices':
      return { devices: [{ field, kind: 'cgroup-rule', value: 'a *:* rwm' }] };
    case 'capabilities':
      return { capabilities: { added: [{ field, name: capability(value) }], dropped: [] } };
    default:
      // A kind that no Engine has yet.
      return { privileged: [{ field }] };
  }
}
