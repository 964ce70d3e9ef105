import { describe, expect, it } from 'vitest';
import { findOperation, NEVER_FORWARDED, OPERATIONS } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';
import { CEILING, FLOOR } from '../../src/docker/versions.ts';
import { type Listed, listedOperations } from './catalogue.ts';

const LISTED = listedOperations();
const line = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
const listedOf = (operation: Operation): Listed | undefined =>
  LISTED.find((row) => line(row) === line(operation));

/** Parameters that are in no documentation and that the Engine or a known client of it has. */
const UNDOCUMENTED: Record<string, string[]> = {
  ImageBuild: ['session', 'buildid', 'cgroupparent', 'cpusetmems', 'securityopt', 'isolation', 'ulimits'],
  BuildPrune: ['keep-storage'],
  ContainerList: ['since', 'before'],
  ContainerLogs: ['details'],
  ContainerStart: ['checkpoint', 'checkpoint-dir'],
  ImageList: ['filter'],
};

describe('the catalogue against the list of operations', () => {
  it('is held against a list of 130 rows', () => {
    expect(LISTED).toHaveLength(130);
  });

  it.each(LISTED.map((row) => [line(row)]))('has %s in exactly one of its two tables', (wanted) => {
    const forwarded = OPERATIONS.filter((operation) => line(operation) === wanted).length;
    const never = NEVER_FORWARDED.filter((row) => line(row) === wanted).length;
    expect(forwarded + never).toBe(1);
  });

  it('has nothing that the list does not have', () => {
    const listed = new Set(LISTED.map(line));
    expect([...OPERATIONS, ...NEVER_FORWARDED].map(line).filter((each) => !listed.has(each))).toEqual([]);
  });

  it('names documented operations by their operationId and marks the others as undocumented', () => {
    const differing = OPERATIONS.filter((operation) => {
      const { operationId } = listedOf(operation) as Listed;
      return operation.documented ? operationId !== operation.id : operationId !== '-';
    });
    expect(differing).toEqual([]);
  });

  it('agrees on the versions that have an operation', () => {
    for (const operation of OPERATIONS) {
      const { since, removed } = listedOf(operation) as Listed;
      expect([operation.id, operation.since, operation.removed]).toEqual([operation.id, since ?? 0, removed]);
    }
  });

  it('agrees on query parameters, and each one more is accounted for', () => {
    for (const operation of OPERATIONS) {
      const { query } = listedOf(operation) as Listed;
      const names = operation.query.filter(({ type }) => type !== 'ignored').map(({ name }) => name);
      expect([operation.id, names.toSorted()]).toEqual([
        operation.id,
        [...query, ...(UNDOCUMENTED[operation.id] ?? [])].toSorted(),
      ]);
    }
  });

  it('agrees on what the body is', () => {
    const kinds = (body: string): string[] => {
      if (body.startsWith('json optional')) return ['json-optional'];
      if (body.startsWith('json')) return ['json'];
      if (body.startsWith('tar only when')) return ['tar-optional'];
      if (body.startsWith('tar')) return ['tar', 'tar-optional'];
      return ['none'];
    };
    for (const operation of OPERATIONS) {
      expect(kinds((listedOf(operation) as Listed).body), operation.id).toContain(operation.body);
    }
  });

  it('agrees on which connections become something else', () => {
    const kind = (connection: string): string =>
      /^(hijack|websocket|upgrade h2c)/.exec(connection)?.[1]?.replace('upgrade ', '') ?? 'http';
    for (const operation of OPERATIONS) {
      const ours = ['plain', 'stream'].includes(operation.connection) ? 'http' : operation.connection;
      expect([operation.id, ours]).toEqual([operation.id, kind((listedOf(operation) as Listed).connection)]);
    }
  });

  it('never sends on the plain road what the list says streams or waits', () => {
    const wrong = OPERATIONS.filter(
      (operation) =>
        /^(stream|long-poll)/.test((listedOf(operation) as Listed).connection) &&
        operation.connection === 'plain',
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('never forwards what was removed at or below the floor', () => {
    const gone = LISTED.filter(({ removed }) => removed !== undefined && removed <= FLOOR).map(line);
    expect(NEVER_FORWARDED.map(line)).toEqual(expect.arrayContaining(gone));
    expect(gone.length).toBeGreaterThan(3);
  });

  it('says why for whatever is never forwarded', () => {
    expect(NEVER_FORWARDED.filter(({ why }) => why.length < 10)).toEqual([]);
  });
});

describe('the catalogue in itself', () => {
  it('has each operationId and each endpoint once', () => {
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
    expect(new Set(OPERATIONS.map(line)).size).toBe(OPERATIONS.length);
  });

  it('finds each operation by its id, and none by another', () => {
    for (const operation of OPERATIONS) expect(findOperation(operation.id)).toBe(operation);
    expect(findOperation('constructor')).toBeUndefined();
  });

  it('has no version beyond its ceiling and no end before its beginning', () => {
    for (const { since, removed } of OPERATIONS) {
      expect(since).toBeLessThanOrEqual(CEILING);
      if (removed !== undefined) expect(removed).toBeGreaterThan(Math.max(since, FLOOR));
    }
  });

  it('has frozen rows', () => {
    expect(OPERATIONS.every(Object.isFrozen)).toBe(true);
  });

  const ids = (group: Operation['class']) =>
    OPERATIONS.filter((operation) => operation.class === group)
      .map(({ id }) => id)
      .sort();

  it('has only lists and inspections in the class read', () => {
    expect(ids('read')).toEqual(
      [
        ...[
          'ContainerInspect',
          'ContainerList',
          'ContainerStats',
          'ImageHistory',
          'ImageInspect',
          'ImageList',
        ],
        ...[
          'NetworkInspect',
          'NetworkList',
          'NodeInspect',
          'NodeList',
          'PluginInspect',
          'PluginInspectLegacy',
        ],
        ...['PluginList', 'ServiceInspect', 'ServiceList', 'SystemDataUsage', 'SystemEvents', 'SystemInfo'],
        ...[
          'SystemPing',
          'SystemPingHead',
          'SystemVersion',
          'TaskInspect',
          'TaskList',
          'VolumeInspect',
          'VolumeList',
        ],
      ].sort(),
    );
  });

  it('has whatever returns a key, a token or a payload in the class secret', () => {
    expect(ids('secret')).toEqual(
      [
        ...['ConfigCreate', 'ConfigDelete', 'ConfigInspect', 'ConfigList', 'ConfigUpdate'],
        ...['SecretCreate', 'SecretDelete', 'SecretInspect', 'SecretList', 'SecretUpdate'],
        ...['SwarmInspect', 'SwarmUnlockkey'],
      ].sort(),
    );
  });

  it('has whatever reaches into a container, its output and its files in the class exec', () => {
    expect(ids('exec')).toEqual(
      [
        ...['ContainerArchive', 'ContainerArchiveInfo', 'ContainerAttach', 'ContainerAttachWebsocket'],
        ...[
          'ContainerChanges',
          'ContainerExec',
          'ContainerExport',
          'ContainerLogs',
          'ContainerResize',
          'ContainerTop',
        ],
        ...['ExecInspect', 'ExecResize', 'ExecStart', 'PutContainerArchive', 'ServiceLogs', 'TaskLogs'],
      ].sort(),
    );
  });

  it('has whatever is opaque or equal to root in the class admin', () => {
    expect(ids('admin')).toEqual(
      [
        ...[
          'ContainerCheckpointCreate',
          'ContainerCheckpointDelete',
          'ContainerCheckpointList',
          'DebugPprofCmdline',
        ],
        ...['DebugPprofNamed', 'DebugPprofProfile', 'DebugPprofSymbol', 'DebugPprofTrace', 'DebugVars'],
        ...['BuildCancel', 'GetPluginPrivileges', 'Grpc', 'PluginCreate', 'PluginDelete', 'PluginDisable'],
        ...['PluginEnable', 'PluginPull', 'PluginPush', 'PluginSet', 'PluginUpgrade', 'Session'],
      ].sort(),
    );
  });

  it('has no write in the class read', () => {
    expect(OPERATIONS.filter((o) => o.class === 'read' && o.method !== 'GET' && o.method !== 'HEAD')).toEqual(
      [],
    );
  });
});
