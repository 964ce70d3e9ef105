import { array, bool, field, int64, type Made, map, string, struct, uint64 } from '../types.ts';
import { ANNOTATIONS } from './annotations.ts';
import { DRIVER } from './driver.ts';

const ORCHESTRATION = struct('Orchestration', {
  TaskHistoryRetentionLimit: field(int64, 'how many tasks of the past are kept'),
});

const RAFT = struct('Raft', {
  SnapshotInterval: field(uint64, 'log entries between snapshots'),
  KeepOldSnapshots: field(uint64, 'older snapshots that are kept'),
  LogEntriesForSlowFollowers: field(uint64, 'log entries kept for managers that lag behind'),
  ElectionTick: field(int64, 'ticks without a leader before an election'),
  HeartbeatTick: field(int64, 'ticks between heartbeats of the leader'),
});

const DISPATCHER = struct('Dispatcher', {
  HeartbeatPeriod: field(int64, 'nanoseconds between heartbeats of a node'),
});

const EXTERNAL_CA = struct('ExternalCA', {
  Protocol: field(string, 'how it is spoken with: cfssl'),
  URL: field(string, 'where certificate requests are sent'),
  Options: field(map(string), 'options of the protocol', { secret: true }),
  CACert: field(string, 'its root certificate, in PEM form'),
});

const CA_CONFIG = struct('CAConfig', {
  NodeCertExpiry: field(int64, 'nanoseconds for which a certificate is good'),
  ExternalCAs: field(array(EXTERNAL_CA), 'other authorities that sign certificates of nodes'),
  SigningCACert: field(string, 'the root certificate to change to, in PEM form'),
  SigningCAKey: field(string, 'the key of that certificate', { secret: true }),
  ForceRotate: field(uint64, 'a new root certificate is made when this counter changes'),
});

const ENCRYPTION_CONFIG = struct('EncryptionConfig', {
  AutoLockManagers: field(bool, 'managers must be unlocked by a key when they start'),
});

const TASK_DEFAULTS = struct('TaskDefaults', {
  LogDriver: field(DRIVER, 'where tasks log to when their service does not say'),
});

/** The settings of a swarm (Engine API: `SwarmSpec`). */
export const SWARM_SPEC = struct('SwarmSpec', {
  ...ANNOTATIONS,
  Orchestration: field(ORCHESTRATION, 'of tasks'),
  Raft: field(RAFT, 'of the log that managers share'),
  Dispatcher: field(DISPATCHER, 'of the heartbeat'),
  CAConfig: field(CA_CONFIG, 'of the certificates of nodes'),
  EncryptionConfig: field(ENCRYPTION_CONFIG, 'of what managers keep on disk'),
  TaskDefaults: field(TASK_DEFAULTS, 'what tasks get that their service does not say'),
});
export type SwarmSpec = Made<typeof SWARM_SPEC>;
