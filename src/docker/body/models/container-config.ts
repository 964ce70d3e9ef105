import { array, bool, empty, field, int64, type Made, map, string, strings, struct } from '../types.ts';
import { HEALTH_CONFIG } from './health.ts';

/** What a container is, wherever it runs: the top level of ContainerCreate's body, and all of ImageCommit's. */
export const CONTAINER_CONFIG_FIELDS = {
  Hostname: field(string, "the container's host name"),
  Domainname: field(string, "the container's domain name"),
  User: field(string, 'user or uid, with a group after a colon, that the process runs as'),
  AttachStdin: field(bool, 'whether standard input is attached'),
  AttachStdout: field(bool, 'whether standard output is attached'),
  AttachStderr: field(bool, 'whether standard error is attached'),
  ExposedPorts: field(map(empty), 'ports the container listens on, such as 80/tcp'),
  Tty: field(bool, 'whether the streams are a terminal'),
  OpenStdin: field(bool, 'whether standard input stays open'),
  StdinOnce: field(bool, 'whether standard input closes when its first client leaves'),
  Env: field(array(string), 'environment variables, as NAME=value', { secret: true }),
  Cmd: field(strings, 'the command, or the arguments of the entrypoint'),
  Healthcheck: field(HEALTH_CONFIG, 'how health is tested'),
  ArgsEscaped: field(bool, 'whether the command line is escaped already; Windows only'),
  Image: field(string, 'the image, by name or id'),
  Volumes: field(map(empty), 'paths in the container that get an anonymous volume'),
  WorkingDir: field(string, 'the directory the process starts in'),
  Entrypoint: field(strings, 'the entrypoint'),
  NetworkDisabled: field(bool, 'whether the container has no network'),
  MacAddress: field(string, 'the MAC address; since API 1.44 it belongs in EndpointsConfig'),
  OnBuild: field(array(string), 'instructions for builds on top of the image'),
  Labels: field(map(string), 'labels'),
  StopSignal: field(string, 'the signal that stops the container'),
  StopTimeout: field(int64, 'seconds from the stop signal to the kill'),
  Shell: field(strings, 'the shell for commands in shell form'),
} as const;

export const CONTAINER_CONFIG = struct('ContainerConfig', CONTAINER_CONFIG_FIELDS);
export type ContainerConfig = Made<typeof CONTAINER_CONFIG>;
