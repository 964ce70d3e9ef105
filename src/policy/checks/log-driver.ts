import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { hostPath } from './words.ts';

/** Empty is the Engine's default, whatever that is: its options are judged all the same. */
const DRIVERS: ReadonlySet<string> = new Set(['', 'json-file', 'local', 'journald']);

/** What json-file, local and journald know, and what the Engine itself takes for all drivers. */
const OPTIONS: ReadonlySet<string> = new Set([
  'compress',
  'env',
  'env-regex',
  'labels',
  'labels-regex',
  'max-buffer-size',
  'max-file',
  'max-size',
  'mode',
  'tag',
]);

/** An option's value may be a token (splunk) and is never shown. */
export const logDriver: Check = defineCheck(
  {
    id: 'log-driver',
    forbids:
      'log drivers that reach the network or paths of the host, plugins, and `none`, which leaves no evidence',
    source: "ours: syslog, fluentd, gelf, splunk, awslogs and their kind speak from the Engine's own place",
    remedy: 'use json-file, local or journald (docker run without --log-driver)',
  },
  ({ logging, hostPaths }) => {
    const paths = hostPaths
      .filter(({ via }) => via === 'log-option')
      .map((fact) => ({ field: fact.field, asks: `lets the log driver reach ${hostPath(fact)}` }));
    if (logging === null) return paths;
    const { field, driver, options } = logging;
    if (!DRIVERS.has(driver)) {
      const asks =
        driver === 'none'
          ? 'keeps no logs, and so no evidence'
          : `sends the logs by the driver ${quoted(driver)}`;
      return [{ field, asks }, ...paths];
    }
    const unknown = Object.keys(options).filter((option) => !OPTIONS.has(option));
    return [...unknown.map((option) => ({ field, asks: `sets the log option ${quoted(option)}` })), ...paths];
  },
);
