import { array, bool, field, ignored, type Made, string, struct, uint64 } from '../types.ts';

/** A process that is to run in a container: the body of ContainerExec. */
export const EXEC_CONFIG = struct('ExecConfig', {
  User: field(string, 'user or uid, with a group after a colon, that it runs as'),
  Privileged: field(bool, 'whether it has full access to the host'),
  Tty: field(bool, 'whether its streams are a terminal'),
  ConsoleSize: field(array(uint64), 'height and width of its terminal'),
  AttachStdin: field(bool, 'whether standard input is attached'),
  AttachStdout: field(bool, 'whether standard output is attached'),
  AttachStderr: field(bool, 'whether standard error is attached'),
  // docker-py spells it so.
  DetachKeys: field(string, 'the keys that detach from it', { alias: 'detachKeys' }),
  Env: field(array(string), 'environment variables, as NAME=value', { secret: true }),
  WorkingDir: field(string, 'the directory it starts in'),
  Cmd: field(array(string), 'the command'),
  Detach: field(bool, 'whether the client will not wait; ExecStart says it again, and counts'),
  Container: field(ignored, 'the container, which the path names; docker-py sends it'),
});
export type ExecConfig = Made<typeof EXEC_CONFIG>;

/** How an exec is started: the body of ExecStart. */
export const EXEC_START_CONFIG = struct('ExecStartConfig', {
  Detach: field(bool, 'whether nobody is attached'),
  Tty: field(bool, 'whether the streams are a terminal'),
  ConsoleSize: field(array(uint64), 'height and width of its terminal'),
  // dockerode sends its own options along, some callers those of attach.
  hijack: field(ignored, 'an option of dockerode'),
  stdin: field(ignored, 'an option of dockerode'),
  stdout: field(ignored, 'an option of dockerode'),
  stderr: field(ignored, 'an option of dockerode'),
  stream: field(ignored, 'an option of dockerode'),
});
