/** Generated from types.ts by `npm run docs:facts`: do not edit. */

/** What stands at one place under `Facts`. */
export type FactShape =
  | (Absence & { readonly kind: 'string'; readonly values?: readonly string[] })
  | (Absence & { readonly kind: 'boolean' | 'bigint' | 'number' })
  | (Absence & { readonly kind: 'array' | 'map'; readonly of: FactShape })
  | (Absence & { readonly kind: 'object'; readonly fields: Readonly<Record<string, FactShape>> });

interface Absence {
  /** It may be null. */
  readonly nullable?: true;
  /** It may be missing. */
  readonly optional?: true;
}

/** Every name under `Facts`. */
export const FACTS_SHAPE: Extract<FactShape, { readonly kind: 'object' }> = {
  kind: 'object',
  fields: {
    runs: { kind: 'string', nullable: true, values: ['container', 'exec', 'service', 'build'] },
    image: {
      kind: 'object',
      nullable: true,
      fields: {
        reference: { kind: 'string' },
        name: {
          kind: 'object',
          nullable: true,
          fields: {
            type: { kind: 'string', values: ['name'] },
            domain: { kind: 'string' },
            path: { kind: 'string' },
            tag: { kind: 'string', optional: true },
            digest: { kind: 'string', optional: true },
          },
        },
        field: { kind: 'string' },
      },
    },
    images: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          reference: { kind: 'string' },
          name: {
            kind: 'object',
            nullable: true,
            fields: {
              type: { kind: 'string', values: ['name'] },
              domain: { kind: 'string' },
              path: { kind: 'string' },
              tag: { kind: 'string', optional: true },
              digest: { kind: 'string', optional: true },
            },
          },
          field: { kind: 'string' },
        },
      },
    },
    tags: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          reference: { kind: 'string' },
          name: {
            kind: 'object',
            nullable: true,
            fields: {
              type: { kind: 'string', values: ['name'] },
              domain: { kind: 'string' },
              path: { kind: 'string' },
              tag: { kind: 'string', optional: true },
              digest: { kind: 'string', optional: true },
            },
          },
          field: { kind: 'string' },
        },
      },
    },
    hostPaths: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          path: { kind: 'string', nullable: true },
          mode: { kind: 'string', values: ['ro', 'rw'] },
          via: {
            kind: 'string',
            values: [
              'bind',
              'driver-option',
              'device',
              'log-option',
              'checkpoint',
              'propagation',
              'credential-spec',
              'working-dir',
            ],
          },
          relabel: { kind: 'string', optional: true, values: ['shared', 'private'] },
          field: { kind: 'string' },
        },
      },
    },
    volumes: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          name: { kind: 'string' },
          driver: { kind: 'string' },
          options: {
            kind: 'array',
            of: { kind: 'string' },
          },
          mode: { kind: 'string', values: ['ro', 'rw'] },
          field: { kind: 'string' },
        },
      },
    },
    mountTypes: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          type: { kind: 'string' },
        },
      },
    },
    volumesFrom: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          container: { kind: 'string' },
        },
      },
    },
    hostNamespaces: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          namespace: { kind: 'string', values: ['network', 'pid', 'ipc', 'uts', 'user', 'cgroup'] },
        },
      },
    },
    joinedContainers: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          container: { kind: 'string' },
          namespace: { kind: 'string', values: ['network', 'pid', 'ipc', 'uts', 'user', 'cgroup', 'link'] },
        },
      },
    },
    networks: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          name: { kind: 'string' },
          driver: { kind: 'string', nullable: true },
          aliases: {
            kind: 'array',
            of: { kind: 'string' },
          },
          addresses: {
            kind: 'array',
            of: { kind: 'string' },
          },
          options: {
            kind: 'array',
            of: { kind: 'string' },
          },
          field: { kind: 'string' },
        },
      },
    },
    capabilities: {
      kind: 'object',
      fields: {
        added: {
          kind: 'array',
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              name: { kind: 'string' },
            },
          },
        },
        dropped: {
          kind: 'array',
          of: { kind: 'string' },
        },
      },
    },
    devices: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          kind: { kind: 'string', values: ['device', 'cgroup-rule', 'request'] },
          value: { kind: 'string' },
        },
      },
    },
    privileged: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
        },
      },
    },
    security: {
      kind: 'object',
      fields: {
        seccomp: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            profile: { kind: 'string', values: ['unconfined', 'custom', 'builtin'] },
          },
        },
        apparmor: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            profile: { kind: 'string' },
          },
        },
        selinux: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            type: { kind: 'string', optional: true },
            user: { kind: 'string', optional: true },
            role: { kind: 'string', optional: true },
            level: { kind: 'string', optional: true },
            disabled: { kind: 'boolean' },
          },
        },
        noNewPrivileges: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'boolean' },
          },
        },
        maskedPaths: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            paths: {
              kind: 'array',
              of: { kind: 'string' },
            },
          },
        },
        readonlyPaths: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            paths: {
              kind: 'array',
              of: { kind: 'string' },
            },
          },
        },
        writableCgroups: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
          },
        },
        others: {
          kind: 'array',
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              option: { kind: 'string' },
            },
          },
        },
      },
    },
    ports: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          container: { kind: 'string' },
          host: {
            kind: 'object',
            nullable: true,
            fields: {
              first: { kind: 'number' },
              last: { kind: 'number' },
            },
          },
          address: { kind: 'string' },
          field: { kind: 'string' },
        },
      },
    },
    resources: {
      kind: 'object',
      fields: {
        memory: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'bigint' },
          },
        },
        memorySwap: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'bigint' },
          },
        },
        nanoCpus: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'bigint' },
          },
        },
        pids: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'bigint' },
          },
        },
        shm: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            value: { kind: 'bigint' },
          },
        },
        lifted: {
          kind: 'array',
          optional: true,
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
            },
          },
        },
        oomKillDisabled: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
          },
        },
        ulimits: {
          kind: 'array',
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              name: { kind: 'string' },
              soft: { kind: 'bigint' },
              hard: { kind: 'bigint' },
            },
          },
        },
      },
    },
    user: {
      kind: 'object',
      nullable: true,
      fields: {
        value: { kind: 'string' },
        root: { kind: 'boolean', nullable: true },
        field: { kind: 'string' },
      },
    },
    groups: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          name: { kind: 'string' },
        },
      },
    },
    sysctls: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          name: { kind: 'string' },
          value: { kind: 'string' },
        },
      },
    },
    runtime: {
      kind: 'object',
      nullable: true,
      fields: {
        field: { kind: 'string' },
        name: { kind: 'string' },
      },
    },
    cgroupParent: {
      kind: 'object',
      nullable: true,
      fields: {
        field: { kind: 'string' },
        path: { kind: 'string' },
      },
    },
    logging: {
      kind: 'object',
      nullable: true,
      fields: {
        field: { kind: 'string' },
        driver: { kind: 'string' },
        options: {
          kind: 'map',
          of: { kind: 'string' },
        },
      },
    },
    labels: {
      kind: 'map',
      of: { kind: 'string' },
    },
    annotations: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          name: { kind: 'string' },
        },
      },
    },
    command: {
      kind: 'array',
      of: { kind: 'string' },
    },
    environment: {
      kind: 'array',
      of: { kind: 'string' },
    },
    names: {
      kind: 'object',
      fields: {
        extraHosts: {
          kind: 'array',
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              name: { kind: 'string' },
              address: { kind: 'string' },
            },
          },
        },
        dns: {
          kind: 'array',
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              address: { kind: 'string' },
            },
          },
        },
      },
    },
    restart: {
      kind: 'object',
      nullable: true,
      fields: {
        field: { kind: 'string' },
        policy: { kind: 'string' },
      },
    },
    oomScoreAdj: {
      kind: 'object',
      nullable: true,
      fields: {
        field: { kind: 'string' },
        value: { kind: 'bigint' },
      },
    },
    storageOptions: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          name: { kind: 'string' },
        },
      },
    },
    build: {
      kind: 'object',
      nullable: true,
      fields: {
        context: { kind: 'string', values: ['archive', 'remote', 'session'] },
        builder: { kind: 'string', values: ['classic', 'buildkit'] },
        baseImages: {
          kind: 'array',
          nullable: true,
          of: {
            kind: 'object',
            fields: {
              reference: { kind: 'string' },
              name: {
                kind: 'object',
                nullable: true,
                fields: {
                  type: { kind: 'string', values: ['name'] },
                  domain: { kind: 'string' },
                  path: { kind: 'string' },
                  tag: { kind: 'string', optional: true },
                  digest: { kind: 'string', optional: true },
                },
              },
              field: { kind: 'string' },
            },
          },
        },
        remote: {
          kind: 'object',
          optional: true,
          fields: {
            field: { kind: 'string' },
            url: { kind: 'string' },
          },
        },
        outputs: {
          kind: 'array',
          optional: true,
          of: {
            kind: 'object',
            fields: {
              field: { kind: 'string' },
              type: { kind: 'string' },
            },
          },
        },
      },
    },
    registries: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          registry: { kind: 'string' },
        },
      },
    },
    plugins: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          reference: { kind: 'string' },
        },
      },
    },
    secrets: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
          name: { kind: 'string' },
          kind: { kind: 'string', values: ['secret', 'config'] },
        },
      },
    },
    unknownFields: {
      kind: 'array',
      of: {
        kind: 'object',
        fields: {
          field: { kind: 'string' },
        },
      },
    },
  },
};
