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

/** What a template may put into the tag: a field by its name. */
const FIELD = /\{\{-?\s*\.\w+\s*-?\}\}/g;

/** The Engine runs a template while it starts the container: `printf` of `printf` makes gigabytes of it (20.10). */
function computes({ tag }: Readonly<Record<string, string>>): boolean {
  return tag?.replace(FIELD, '').includes('{{') === true;
}

/** An option's value may be a token (splunk) and is never shown. */
export const logDriver: Check = defineCheck(
  {
    id: 'log-driver',
    forbids:
      'log drivers that reach the network or paths of the host, plugins, `none`, which leaves no evidence, and tags that the Engine has to compute',
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
    const template = {
      field,
      asks: 'computes the log tag by a template',
      remedy: 'name fields only, such as {{.Name}} (docker run --log-opt tag={{.Name}})',
    };
    return [
      ...unknown.map((option) => ({ field, asks: `sets the log option ${quoted(option)}` })),
      ...(computes(options) ? [template] : []),
      ...paths,
    ];
  },
);
