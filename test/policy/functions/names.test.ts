import type { NetworkFact, VolumeFact } from '../../../src/docker/facts/types.ts';
import { labelsWithin } from '../../../src/policy/functions/labels-within.ts';
import { networksWithin } from '../../../src/policy/functions/networks-within.ts';
import { registriesWithin } from '../../../src/policy/functions/registries-within.ts';
import { runtimesWithin } from '../../../src/policy/functions/runtimes-within.ts';
import { volumesWithin } from '../../../src/policy/functions/volumes-within.ts';
import { describeFunction } from './support.ts';

const volume = (name: string): VolumeFact => ({
  field: 'Mounts',
  name,
  driver: 'local',
  options: [],
  mode: 'rw',
});
const network = (name: string): NetworkFact => ({
  ...{ field: 'HostConfig.NetworkMode', name, driver: null },
  ...{ aliases: [], addresses: [], options: [] },
});
const registry = (name: string) => ({ field: 'Image', registry: name });

describeFunction(volumesWithin, {
  cases: {
    'takes names that match': [['ci-*', 'cache'], { volumes: [volume('ci-1'), volume('cache')] }],
    'takes no other': [
      ['ci-*'],
      { volumes: [volume('ci'), volume('db')] },
      'Mounts uses the volume "ci"',
      'Mounts uses the volume "db"',
    ],
    'takes anonymous ones': [['ci-*'], { volumes: [volume('')] }],
    'takes no mounts of others': [
      ['*'],
      { volumesFrom: [{ field: 'HostConfig.VolumesFrom[0]', container: 'db' }] },
      '? HostConfig.VolumesFrom[0] takes over whatever "db" has mounted',
    ],
    'is met without any': [['ci-*'], {}],
  },
});

describeFunction(networksWithin, {
  cases: {
    'takes names that match': [['ci-*', 'bridge'], { networks: [network('ci-1'), network('bridge')] }],
    'takes no other': [
      ['ci-*'],
      { networks: [network('bridge')] },
      'HostConfig.NetworkMode asks for the network "bridge"',
    ],
    "takes the host's by name only": [
      ['*'],
      { hostNamespaces: [{ field: 'HostConfig.NetworkMode', namespace: 'network' }] },
      "HostConfig.NetworkMode asks for the host's network",
    ],
    "takes the host's by name": [['host'], { hostNamespaces: [{ field: 'x', namespace: 'network' }] }],
    'looks at no other namespace': [
      ['ci-*'],
      {
        hostNamespaces: [{ field: 'x', namespace: 'pid' }],
        joinedContainers: [{ field: 'x', container: 'db', namespace: 'ipc' }],
      },
    ],
    "takes no container's": [
      ['**', 'host'],
      {
        joinedContainers: [
          { field: 'HostConfig.NetworkMode', container: 'db', namespace: 'network' },
          { field: 'HostConfig.Links[0]', container: 'db', namespace: 'link' },
        ],
      },
      '? HostConfig.NetworkMode joins the network of "db"',
      '? HostConfig.Links[0] joins the network of "db"',
    ],
    'is met without any': [['ci-*'], {}],
  },
});

describeFunction(runtimesWithin, {
  cases: {
    'takes the default': [['runsc'], {}],
    'takes what is named': [
      ['runsc', 'kata-*'],
      { runtime: { field: 'HostConfig.Runtime', name: 'kata-fc' } },
    ],
    'takes no other': [
      ['runsc'],
      { runtime: { field: 'HostConfig.Runtime', name: 'runc' } },
      'HostConfig.Runtime asks for the runtime "runc"',
    ],
  },
});

describeFunction(labelsWithin, {
  cases: {
    'takes names that match': [
      ['com.example.*', 'org.*'],
      { labels: { 'com.example.a': 'x', 'com.example.b.c': '' } },
    ],
    'takes no other, and does not repeat values': [
      ['com.example.*'],
      { labels: { 'com.example.a': '', traefik: 'secret' } },
      'Labels["traefik"] sets a label of that name',
    ],
    'takes a slash by two stars only': [
      ['a*'],
      { labels: { 'a/b': '' } },
      'Labels["a/b"] sets a label of that name',
    ],
    'is met without any': [['a'], {}],
  },
});

describeFunction(registriesWithin, {
  cases: {
    'takes names that match': [
      ['*.example.com', 'docker.io', 'localhost:5000'],
      { registries: [registry('reg.example.com'), registry('docker.io'), registry('localhost:5000')] },
    ],
    'takes no other': [
      ['reg.example.com'],
      { registries: [registry('reg.example.com:5000'), registry('docker.io')] },
      'Image has the Engine speak with "reg.example.com:5000"',
      'Image has the Engine speak with "docker.io"',
    ],
    'is met without any': [['docker.io'], {}],
  },
  faults: [
    [['Docker.io'], '"Docker.io" is no registry: a host in lower case, with its port where it has one'],
    [
      ['docker.io/library'],
      '"docker.io/library" is no registry: a host in lower case, with its port where it has one',
    ],
  ],
});
