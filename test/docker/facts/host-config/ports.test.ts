import { describe, expect, it } from 'vitest';
import { askContainer, askHost } from '../ask.ts';

const bound = (HostPort: string) => askHost({ PortBindings: { '80/tcp': [{ HostPort }] } }).ports[0]?.host;

describe('ports', () => {
  it('are published with field, container port, host ports and address', () => {
    const PortBindings = {
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }, {}],
      '53/udp': [{ HostPort: '53' }],
    };
    expect(askHost({ PortBindings }).ports).toEqual([
      {
        field: 'HostConfig.PortBindings["80/tcp"][0]',
        container: '80/tcp',
        host: { first: 8080, last: 8080 },
        address: '127.0.0.1',
      },
      { field: 'HostConfig.PortBindings["80/tcp"][1]', container: '80/tcp', host: null, address: '' },
      {
        field: 'HostConfig.PortBindings["53/udp"][0]',
        container: '53/udp',
        host: { first: 53, last: 53 },
        address: '',
      },
    ]);
  });

  it.each([
    ['80', 80, 80],
    ['080', 80, 80],
    ['8000-8010', 8000, 8010],
    ['8000-8000', 8000, 8000],
    ['8000-8010-9000', 8000, 8010],
    ['8000/udp', 8000, 8000],
    ['8000-8010/tcp', 8000, 8010],
    ['0-100', 0, 100],
    ['65535', 65535, 65535],
    ['00000000000000000080', 80, 80],
  ])('%s is from %d to %d', (text, first, last) => {
    expect(bound(text)).toEqual({ first, last });
  });

  it.each(['', '0', '0-0', '/tcp'])('%j is for the Engine to pick', (text) => {
    expect(bound(text)).toBeNull();
  });

  it.each([
    '65536',
    '-80',
    '80-',
    '0-x',
    '80-79',
    ' 80',
    '80 ',
    '+80',
    'x',
    '0x50',
    '８０',
    '1e3',
    '000000000000000000080',
    '80-65536',
  ])('%j may be any port', (text) => {
    expect(bound(text)).toEqual({ first: 0, last: 65_535 });
  });

  it.each([
    ['80', '80/tcp'],
    ['80/', '80/tcp'],
    ['80/UDP', '80/udp'],
    ['80/sctp', '80/sctp'],
  ])('of the container %s is %s', (key, container) => {
    expect(askHost({ PortBindings: { [key]: [{}] } }).ports).toMatchObject([{ container }]);
  });

  it('that are all published have no number', () => {
    expect(askHost({ PublishAllPorts: true }).ports).toEqual([
      { field: 'HostConfig.PublishAllPorts', container: '*', host: null, address: '' },
    ]);
    expect(askHost({ PublishAllPorts: false }).ports).toEqual([]);
  });

  it('that are only exposed open nothing, nor does an empty list', () => {
    expect(
      askContainer({ ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [] } } }).ports,
    ).toEqual([]);
  });
});
