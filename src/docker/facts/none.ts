import type { Facts } from './types.ts';

/** The facts of a request that asks for nothing. */
export const NO_FACTS: Facts = frozen({
  runs: null,
  image: null,
  images: [],
  tags: [],
  hostPaths: [],
  volumes: [],
  mountTypes: [],
  volumesFrom: [],
  hostNamespaces: [],
  joinedContainers: [],
  networks: [],
  capabilities: { added: [], dropped: [] },
  devices: [],
  privileged: [],
  security: { others: [] },
  ports: [],
  resources: { ulimits: [] },
  user: null,
  groups: [],
  sysctls: [],
  runtime: null,
  cgroupParent: null,
  logging: null,
  labels: {},
  annotations: [],
  command: [],
  environment: [],
  names: { extraHosts: [], dns: [] },
  restart: null,
  oomScoreAdj: null,
  storageOptions: [],
  build: null,
  registries: [],
  plugins: [],
  secrets: [],
  unknownFields: [],
});

/** What nobody tells is shared by the facts of all requests. */
function frozen(facts: Facts): Facts {
  for (const fact of Object.values(facts)) {
    Object.freeze(fact);
    for (const member of Object.values(fact ?? {})) Object.freeze(member);
  }
  return Object.freeze(facts);
}
