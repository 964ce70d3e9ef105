import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** Also a service's `TaskTemplate.PluginSpec`, which installs one on every node. */
export const plugin: Check = defineCheck(
  {
    id: 'plugin',
    forbids: 'plugins of the Engine, by a service too',
    source: 'ours; CVE-2026-44848',
    remedy: 'ask the operator to install it',
  },
  ({ plugins }) =>
    plugins.map(({ field, reference }) => ({
      field,
      asks: `installs or runs the plugin ${quoted(reference)} as root on the host`,
    })),
);
