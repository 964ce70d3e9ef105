import type { HostConfig } from '../../body/models/host-config.ts';
import { keyed, mapOf } from '../field.ts';
import type { Facts, HostPathFact } from '../types.ts';
import { logPath } from './log-path.ts';

/**
 * Options whose values a policy may see (Docker's logging drivers as of Engine 29): where logs go, how they are
 * kept and labelled. Of others, tokens among them, only the name is told.
 */
const SHOWN = new Set([
  ...[
    'max-size',
    'max-file',
    'max-buffer-size',
    'compress',
    'mode',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
  ],
  ...['cache-disabled', 'cache-max-file', 'cache-max-size', 'cache-compress'],
  ...['syslog-address', 'syslog-facility', 'syslog-format', 'syslog-tls-ca-cert', 'syslog-tls-cert'],
  ...['syslog-tls-key', 'syslog-tls-skip-verify'],
  ...['fluentd-address', 'fluentd-async', 'fluentd-async-connect', 'fluentd-async-reconnect-interval'],
  ...['fluentd-buffer-limit', 'fluentd-max-retries', 'fluentd-request-ack', 'fluentd-retry-wait'],
  ...['fluentd-sub-second-precision', 'fluentd-read-timeout', 'fluentd-write-timeout'],
  ...['gelf-address', 'gelf-compression-type', 'gelf-compression-level', 'gelf-tcp-max-reconnect'],
  ...['gelf-tcp-reconnect-delay'],
  ...['splunk-url', 'splunk-source', 'splunk-sourcetype', 'splunk-index', 'splunk-capath', 'splunk-caname'],
  ...[
    'splunk-insecureskipverify',
    'splunk-format',
    'splunk-verify-connection',
    'splunk-gzip',
    'splunk-gzip-level',
  ],
  ...['awslogs-region', 'awslogs-endpoint', 'awslogs-group', 'awslogs-stream', 'awslogs-create-group'],
  ...['awslogs-create-stream', 'awslogs-datetime-format', 'awslogs-multiline-pattern'],
  ...['awslogs-force-flush-interval-seconds', 'awslogs-max-buffered-events', 'awslogs-format'],
  ...['awslogs-credentials-endpoint'],
  ...['gcp-project', 'gcp-log-cmd', 'gcp-meta-zone', 'gcp-meta-name', 'gcp-meta-id'],
]);

/**
 * `HostConfig.LogConfig`.
 *
 * @param at its field
 * @param within what its member `Config` is called there
 */
export function logConfig(
  at: string,
  config: NonNullable<HostConfig['LogConfig']> = {},
  within = 'Config',
): Partial<Facts> {
  const { Type: driver = '', Config: options = {} } = config;
  const entries = Object.entries(options);
  if (driver === '' && entries.length === 0) return {};
  return {
    logging: {
      field: at,
      driver,
      options: mapOf(entries.map(([name, value]) => [name, SHOWN.has(name) ? withoutLogin(value) : ''])),
    },
    hostPaths: entries.flatMap(([name, value]): readonly HostPathFact[] => {
      const path = logPath(name, value);
      const field = keyed(`${at}.${within}`, name);
      return path === undefined ? [] : [{ field, path, mode: 'rw', via: 'log-option' }];
    }),
  };
}

/** An address without the user and password that it may hold. */
function withoutLogin(value: string): string {
  return value.replace(/\/\/[^/?#]*@/, '//');
}
