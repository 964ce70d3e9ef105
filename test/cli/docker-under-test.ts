import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import {
  type DockerOptions,
  type DockerResult,
  docker,
  dockerPty,
  dockerSpawn,
  type PtyDocker,
  type RunningDocker,
  type Target,
} from '../support/docker.ts';
import { IS_TENANCY } from '../support/one-tenant.ts';
import type { Way } from './ways.ts';

/** What a command must answer, exactly; what is left out is exit code 0 and silence. */
export interface Answer {
  readonly code?: number;
  readonly stdout?: string | RegExp;
  readonly stderr?: string | RegExp;
}

/** A command: words, or one string that holds no quoting and is split at spaces. */
export type Command = string | readonly string[];

/** A full id on a line of its own, as create and run -d print it. */
export const ID = /^[0-9a-f]{64}\n$/;
export const IMAGE_ID = /^sha256:[0-9a-f]{64}\n$/;

interface Setting {
  readonly id: string;
  readonly way: Way;
  readonly target: Target;
  readonly direct: Target;
  readonly folder: string;
}

/** The docker command as one scenario sees it. */
export class Docker {
  /** Part of every name this scenario gives, unique to it. */
  readonly id: string;
  readonly way: Way;
  readonly target: Target;
  /** A folder of the scenario's own on this machine. */
  readonly folder: string;
  readonly #direct: Target;

  constructor(setting: Setting) {
    this.id = setting.id;
    this.way = setting.way;
    this.target = setting.target;
    this.folder = setting.folder;
    this.#direct = setting.direct;
  }

  /** A name for a container, network, volume or image of this scenario. */
  name(what: string): string {
    return `${what}-${this.id}`;
  }

  /** Runs a command and holds its whole answer against `answer`. */
  async expect(command: Command, answer: Answer, options: DockerOptions = {}): Promise<DockerResult> {
    const result = await this.run(command, options);
    hold(command, result, { code: 0, stdout: '', stderr: '', ...answer });
    return result;
  }

  /** Runs a command that must end with 0 and say nothing on standard error; returns its output, ends trimmed. */
  async output(command: Command, options: DockerOptions = {}): Promise<string> {
    const result = await this.run(command, options);
    hold(command, result, { code: 0, stderr: '' });
    return result.stdout.trim();
  }

  /** Runs a command here and on the Engine's own socket: both answers must be `answer`, word for word the same. */
  async alike(command: Command, answer: Answer, options: DockerOptions = {}): Promise<DockerResult> {
    const result = await this.expect(command, answer, options);
    const cli = this.target.cli === undefined ? {} : { cli: this.target.cli };
    const bare = await docker(words(command), { ...this.#direct, ...cli, ...options });
    hold(command, result, {
      code: bare.code ?? -1,
      stdout: bare.stdout,
      stderr: bare.stderr.replace(BY_CHANCE, ''),
    });
    return result;
  }

  /**
   * The same where the Engine's words repeat what it was asked with: a tenant's requests reach it with the full id in
   * place of a name.
   *
   * @param answer what it says, by a pattern of what the container is called in there
   */
  async alikeOf(
    name: string,
    command: Command,
    answer: (called: string) => { readonly code: number; readonly stderr: RegExp },
  ): Promise<DockerResult> {
    const isTenant = this.way === 'tenant' || IS_TENANCY;
    return isTenant ? this.expect(command, answer('[0-9a-f]{64}')) : this.alike(command, answer(name));
  }

  run(command: Command, options: DockerOptions = {}): Promise<DockerResult> {
    return docker(words(command), { ...this.target, ...options });
  }

  /** The same command straight on the Engine: to prepare things, or to look at what really happened. */
  bare(command: Command, options: DockerOptions = {}): Promise<DockerResult> {
    return docker(words(command), { ...this.#direct, ...options });
  }

  /** Starts a command that runs on; it is killed at the end of the scenario if it still runs then. */
  spawn(command: Command, options: DockerOptions = {}): RunningDocker {
    return ending(dockerSpawn(words(command), { ...this.target, ...options }));
  }

  /** Starts a command under a pseudo terminal of 24 rows and 80 columns. */
  pty(command: Command, options: DockerOptions = {}): PtyDocker {
    return ending(dockerPty(words(command), { ...this.target, ...options }));
  }

  /** Starts a container of `what`'s name that does nothing and ends at once when stopped; returns its name. */
  async idle(what: string, ...options: string[]): Promise<string> {
    const name = this.name(what);
    const script = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
    await this.expect(['run', '-d', '--name', name, ...options, 'busybox', 'sh', '-c', script], {
      stdout: ID,
    });
    return name;
  }

  /** Writes files into a new folder; returns its path. */
  files(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(`${this.folder}/${folder}/${name}`), { recursive: true });
      writeFileSync(`${this.folder}/${folder}/${name}`, content);
    }
    return `${this.folder}/${folder}`;
  }
}

/** The 20.10 CLI sometimes adds this when a container could not be started: two of its own routines race. */
const BY_CHANCE = /^time="[^"]+" level=error msg="error waiting for container: context canceled"\n/gm;

function words(command: Command): readonly string[] {
  return typeof command === 'string' ? command.split(' ') : command;
}

function hold(command: Command, result: DockerResult, answer: Answer): void {
  const shown = `docker ${words(command).join(' ')}`;
  const matches = (text: string | RegExp | undefined) =>
    text instanceof RegExp ? expect.stringMatching(text) : text;
  const { code, stdout } = result;
  const stderr = result.stderr.replace(BY_CHANCE, '');
  expect({ code, stdout, stderr }, shown).toEqual({
    code: answer.code ?? code,
    stdout: matches(answer.stdout) ?? stdout,
    stderr: matches(answer.stderr) ?? stderr,
  });
}

function ending<T extends RunningDocker>(command: T): T {
  onTestFinished(() => {
    command.end();
    command.signal('SIGKILL');
  });
  return command;
}
