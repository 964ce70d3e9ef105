import { plugin } from '../../../src/policy/checks/plugin.ts';
import { describeCheck } from './support.ts';

describeCheck(plugin, 'plugin', {
  refuses: [
    [
      'a plugin',
      { plugins: [{ field: 'TaskTemplate.PluginSpec', reference: 'evil/p' }] },
      [
        {
          field: 'TaskTemplate.PluginSpec',
          asks: 'installs or runs the plugin "evil/p" as root on the host',
          remedy: 'ask the operator to install it',
        },
      ],
    ],
  ],
  accepts: [],
});
