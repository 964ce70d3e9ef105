import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

const log = (Type: string, Config: object = {}) => askHost({ LogConfig: { Type, Config } });

describe('logging', () => {
  it('is null where nothing is asked for', () => {
    expect(askHost({}).logging).toBeNull();
    expect(log('').logging).toBeNull();
  });

  it('is a driver, with options; E041: none is a driver too', () => {
    expect(log('none').logging).toEqual({ field: 'HostConfig.LogConfig', driver: 'none', options: {} });
    expect(log('', { 'max-size': '10m' }).logging).toEqual({
      field: 'HostConfig.LogConfig',
      driver: '',
      options: { 'max-size': '10m' },
    });
  });

  it('tells no value of an option that may be a secret', () => {
    const { logging } = log('splunk', {
      'splunk-token': 's3cret',
      'logentries-token': 's3cret',
      x: 's3cret',
    });
    expect(logging?.options).toEqual({ 'splunk-token': '', 'logentries-token': '', x: '' });
  });

  it('tells an address without the login in it', () => {
    expect(log('splunk', { 'splunk-url': 'https://me:s3cret@h:8088/x@y' }).logging?.options).toEqual({
      'splunk-url': 'https://h:8088/x@y',
    });
  });

  it('keeps option names that JavaScript knows', () => {
    const { logging } = askHost(
      JSON.parse('{"LogConfig":{"Type":"x","Config":{"__proto__":"a","constructor":"b"}}}'),
    );
    expect(Object.keys(logging?.options ?? {})).toEqual(['__proto__', 'constructor']);
  });

  it('is no path of the host by an address that has such a word in it', () => {
    expect(log('x', { 'x-address': 'tcp://unix-logs:1', 'y-address': 'tcp://file:1' }).hostPaths).toEqual([]);
  });

  it.each([
    ['syslog-address', 'unix:///var/run/docker.sock', '/var/run/docker.sock'],
    ['syslog-address', 'unixgram:///dev/../dev/log', '/dev/log'],
    ['syslog-address', 'UNIX:///dev/log', '/dev/log'],
    ['fluentd-address', 'unix:///run/fluent%2esock', '/run/fluent.sock'],
    ['fluentd-address', 'unix:///run/a?b#c', '/run/a'],
    ['fluentd-address', 'unix://run/a', null],
    ['fluentd-address', 'unix:///%zz', null],
    ['fluentd-address', 'unix:/run/a', null],
    ['fluentd-address', 'unix://', null],
    ['x-address', 'file:///etc/shadow', null],
    ['syslog-tls-ca-cert', '/etc//ssl/ca.pem', '/etc/ssl/ca.pem'],
    ['syslog-tls-cert', '/a', '/a'],
    ['syslog-tls-key', '/etc/shadow', '/etc/shadow'],
    ['splunk-capath', '/etc/shadow', '/etc/shadow'],
    ['syslog-tls-key', 'key.pem', null],
  ])('E041: %s %s is the path %j of the host', (name, value, path) => {
    expect(log('x', { [name]: value }).hostPaths).toEqual([
      { field: `HostConfig.LogConfig.Config["${name}"]`, path, mode: 'rw', via: 'log-option' },
    ]);
  });

  it.each([
    ['syslog-address', 'tcp://192.168.1.3:514'],
    ['gelf-address', 'udp://h:12201'],
    ['fluentd-address', 'h:24224'],
    ['awslogs-endpoint', 'https://10.0.0.1/x'],
    ['splunk-capath', ''],
    ['tag', '/{{.Name}}'],
    ['env', 'key'],
    ['monkey', '/x'],
  ])('%s %s is none', (name, value) => {
    expect(log('x', { [name]: value }).hostPaths).toEqual([]);
  });

  it.each([
    'gelf-address',
    'fluentd-address',
    'awslogs-endpoint',
    'syslog-address',
    'splunk-url',
    'gcp-project',
  ])('E041: %s is told with its value', (name) => {
    expect(log('x', { [name]: 'udp://h:1' }).logging?.options).toEqual({ [name]: 'udp://h:1' });
  });
});
