import type { BodyType } from '../types.ts';
import { CHECKPOINT_CREATE } from './checkpoint.ts';
import { IMAGE_COMMIT } from './commit.ts';
import { CONTAINER_CREATE } from './container-create.ts';
import { EXEC_CONFIG, EXEC_START_CONFIG } from './exec.ts';
import { HOST_CONFIG } from './host-config.ts';
import { AUTH_CONFIG } from './registry-auth.ts';
import { UPDATE_CONFIG } from './update.ts';

/** The bodies of the operations on containers, and of SystemAuth, by operationId. */
export const CONTAINER_BODIES: Readonly<Record<string, BodyType>> = {
  ContainerCreate: CONTAINER_CREATE,
  ContainerUpdate: UPDATE_CONFIG,
  ContainerExec: EXEC_CONFIG,
  ExecStart: EXEC_START_CONFIG,
  ImageCommit: IMAGE_COMMIT,
  ContainerCheckpointCreate: CHECKPOINT_CREATE,
  SystemAuth: AUTH_CONFIG,
};

/** The body that ContainerStart took below API 1.24; from 1.24 on every Engine refuses it. */
export const LEGACY_START = HOST_CONFIG;
