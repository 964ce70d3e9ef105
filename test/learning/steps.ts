import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's folder, in which they type `quaywarden ...`. */
export class Folder {
  readonly dir: string;
  readonly #engine: string;
  #serving: { readonly child: ChildProcess; readonly ended: Promise<Ended> } | undefined;

  constructor(dir: string, engineSocket: string) {
    this.dir = dir;
    this.#engine = engineSocket;
  }

  /** One command to its end; `quaywarden` in front may be left out. */
  type(line: string): Promise<Ended> {
    return this.#start(line).ended;
  }

  /** A `serve`, until it has said that it listens, or something else. */
  async serve(line: string, until = 'Docker Engine'): Promise<string> {
    const { child, ended } = this.#start(line);
    this.#serving = { child, ended };
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    while (!said.includes(until)) {
      if (child.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(await ended)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return said;
  }

  /** Ctrl-C. */
  async stop(): Promise<Ended | undefined> {
    this.#serving?.child.kill('SIGINT');
    const ended = await this.#serving?.ended;
    this.#serving = undefined;
    return ended;
  }

  /** Another port than the one that everybody has, and no admin listener. */
  async ownPort(): Promise<number> {
    const port = await freePort();
    const path = `${this.dir}/quaywarden.yaml`;
    const text = readFileSync(path, 'utf8').replace('listen: 127.0.0.1:2376', `listen: 127.0.0.1:${port}`);
    writeFileSync(path, `${text}\nadmin: { listen: "off" }\n`);
    return port;
  }

  #start(line: string): { child: ChildProcess; ended: Promise<Ended> } {
    const args = line.replace(/^quaywarden /, '').split(' ');
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.dir,
      env: { PATH: process.env['PATH'] ?? '', DOCKER_SOCK: this.#engine },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  }
}
