import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const SPEC = {
  Labels: { a: 'b' },
  TaskDefaults: { LogDriver: { Name: 'fluentd', Options: { 'fluentd-address': 'unix:///run/f.sock' } } },
};

describe('a swarm', () => {
  it.each([
    ['init', { Spec: SPEC }, 'Spec.TaskDefaults.LogDriver'],
    ['update?version=1', SPEC, 'TaskDefaults.LogDriver'],
  ])('says where tasks log to when their services do not: %s', (path, body, field) => {
    const { labels, logging, hostPaths } = ask(`POST /v1.56/swarm/${path}`, body);
    expect({ ...labels }).toEqual({ a: 'b' });
    expect(logging).toMatchObject({ field, driver: 'fluentd' });
    expect(hostPaths).toEqual([
      { field: `${field}.Options["fluentd-address"]`, path: '/run/f.sock', mode: 'rw', via: 'log-option' },
    ]);
  });

  it.each([
    ['init', {}],
    ['update?version=1', {}],
  ])('may leave that open: %s', (path, body) => {
    expect(ask(`POST /v1.56/swarm/${path}`, body).logging).toBeNull();
  });

  it.each([
    ['init', { Spec: { CAConfig: { ExternalCAs: [{ URL: 'https://10.0.0.1/sign' }] } } }, 'Spec.CAConfig'],
    ['update?version=1', { CAConfig: { ExternalCAs: [{ URL: 'https://10.0.0.1/sign' }] } }, 'CAConfig'],
  ])('may ask others for certificates: %s', (path, body, at) => {
    expect(ask(`POST /v1.56/swarm/${path}`, body).registries).toEqual([
      { field: `${at}.ExternalCAs[0].URL`, registry: '10.0.0.1' },
    ]);
  });

  it('asks nobody for certificates unless it says so', () => {
    expect(ask('POST /v1.56/swarm/update?version=1', { CAConfig: {} }).registries).toEqual([]);
  });

  it('is joined at the addresses of its managers', () => {
    const RemoteAddrs = ['10.0.0.1:2377', 'Evil.example.com:2377'];
    expect(ask('POST /v1.56/swarm/join', { RemoteAddrs, JoinToken: 't' }).registries).toEqual([
      { field: 'RemoteAddrs[0]', registry: '10.0.0.1:2377' },
      { field: 'RemoteAddrs[1]', registry: 'evil.example.com:2377' },
    ]);
  });

  it.each([
    'secrets/create',
    'secrets/s/update?version=1',
    'configs/create',
    'configs/c/update?version=1',
    'nodes/n/update?version=1',
  ])('has labels on what it keeps: %s', (path) => {
    expect({ ...ask(`POST /v1.56/${path}`, { Labels: { a: 'b' } }).labels }).toEqual({ a: 'b' });
  });

  it('may ask a plugin for a secret', () => {
    expect(ask('POST /v1.56/secrets/create', { Name: 's', Driver: { Name: 'vault' } }).plugins).toEqual([
      { field: 'Driver.Name', reference: 'vault' },
    ]);
    expect(ask('POST /v1.56/secrets/create', { Name: 's', Driver: {} }).plugins).toEqual([]);
  });
});
