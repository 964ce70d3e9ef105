import type { HostPathFact } from '../../../src/docker/facts/types.ts';
import { logDriver } from '../../../src/policy/checks/log-driver.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.LogConfig';
const remedy = 'use json-file, local or journald (docker run without --log-driver)';
const logging = (driver: string, options: Record<string, string> = {}) => ({
  logging: { field, driver, options },
});
const KNOWN = {
  ...{ compress: '1', env: '1', 'env-regex': '1', labels: '1', 'labels-regex': '1' },
  ...{ 'max-buffer-size': '1', 'max-file': '1', 'max-size': '1', mode: '1', tag: '1' },
};
const socket: HostPathFact = { field: `${field}.Config`, path: '/run/x', mode: 'rw', via: 'log-option' };
const bind: HostPathFact = { field: 'HostConfig.Binds[0]', path: '/b', mode: 'rw', via: 'bind' };
const reaches = { field: `${field}.Config`, asks: 'lets the log driver reach "/run/x" of the host', remedy };

describeCheck(logDriver, 'log-driver', {
  refuses: [
    ...['syslog', 'fluentd', 'gelf', 'splunk', 'awslogs', 'gcplogs', 'some/plugin', 'JSON-file'].map(
      (driver) =>
        [
          `the driver ${driver}, and shows no value of its options`,
          logging(driver, { 'splunk-token': 'hunter2' }),
          [{ field, asks: `sends the logs by the driver "${driver}"`, remedy }],
        ] as const,
    ),
    ['none', logging('none'), [{ field, asks: 'keeps no logs, and so no evidence', remedy }]],
    ...['', 'json-file', 'local', 'journald'].map(
      (driver) =>
        [
          `an option that the driver "${driver}" does not know`,
          logging(driver, { 'max-size': '1m', 'splunk-token': 'hunter2' }),
          [{ field, asks: 'sets the log option "splunk-token"', remedy }],
        ] as const,
    ),
    ...['{{printf "%9d" 1}}', '{{ .Name | html }}', '{{.A}}{{range .B}}', '{{{{.A}}.A}}', '{{{.A}}{.B}}'].map(
      (tag) =>
        [
          `a tag that the Engine computes, ${tag}`,
          logging('', { tag }),
          [
            {
              field,
              asks: 'computes the log tag by a template',
              remedy: 'name fields only, such as {{.Name}} (docker run --log-opt tag={{.Name}})',
            },
          ],
        ] as const,
    ),
    ['a path of the host, whoever reaches it', { hostPaths: [bind, socket] }, [reaches]],
    [
      'a path of the host beside a driver that is refused',
      { ...logging('syslog'), hostPaths: [socket] },
      [{ field, asks: 'sends the logs by the driver "syslog"', remedy }, reaches],
    ],
    [
      'a path of the host beside an option that is refused',
      { ...logging('', { 'syslog-address': 'unix:///run/x' }), hostPaths: [socket] },
      [{ field, asks: 'sets the log option "syslog-address"', remedy }, reaches],
    ],
  ],
  accepts: [
    ...['', 'json-file', 'local', 'journald'].map(
      (driver) => [`the driver "${driver}" with its options`, logging(driver, KNOWN)] as const,
    ),
    ...['web', '{{.ImageName}}/{{.Name}}/{{.ID}}', '{{- .Name -}}', '{{ .ID }}'].map(
      (tag) => [`the tag ${tag}`, logging('json-file', { tag })] as const,
    ),
    ["a bind, which is another check's", { hostPaths: [bind] }],
  ],
});
