import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort } from '../../support/free-port.ts';
import type { Folder } from '../contenders/folder.ts';
import { statusOf } from '../load/reply.ts';
import { type Spread, spread } from '../publish/spread.ts';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const STARTS = 7;
const TRY_EVERY_MS = 4;
const GIVE_UP_MS = 20_000;

export interface StartCosts {
  /** From the start of the process to the first 200 on /_ping, in milliseconds. */
  readonly firstAnswerMs: Spread;
  /** Whether a session of before a restart is resumed after it. */
  readonly resumedAcrossRestarts: boolean;
}

interface Answer {
  readonly session: Buffer | undefined;
  readonly isResumed: boolean;
}

/** Starts the gateway again and again in the same folder, as a service manager does. */
export async function startCosts(folder: Folder, engineSocket: string): Promise<StartCosts> {
  const dir = mkdtempSync('/tmp/qwb-');
  try {
    cpSync(folder.dir, dir, { recursive: true, preserveTimestamps: true });
    const port = await freePort();
    const file = `${dir}/quaywarden.yaml`;
    const own = { listen: `127.0.0.1:${port}`, admin: { listen: 'off' } };
    const config = { ...parse(readFileSync(file, 'utf8')), ...own };
    writeFileSync(file, stringify({ ...config, engine: { address: `unix://${engineSocket}` } }));
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
      readFileSync(`${folder.developer}/${name}`),
    );
    const secureContext = createSecureContext({ ca, cert, key });
    const times: number[] = [];
    let session: Buffer | undefined;
    let isResumed = true;
    for (let start = 0; start < STARTS; start += 1) {
      const began = performance.now();
      const child = spawn(process.execPath, [MAIN, 'serve', '--config', file], { cwd: dir, stdio: 'ignore' });
      const exited = new Promise((resolve) => child.once('exit', resolve));
      try {
        const answer = await firstAnswer(port, secureContext, session);
        times.push(performance.now() - began);
        if (start > 0) isResumed &&= answer.isResumed;
        session = answer.session ?? session;
      } finally {
        child.kill('SIGTERM');
        await exited;
      }
    }
    return { firstAnswerMs: spread(times), resumedAcrossRestarts: isResumed };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function firstAnswer(
  port: number,
  secureContext: SecureContext,
  session: Buffer | undefined,
): Promise<Answer> {
  for (const deadline = Date.now() + GIVE_UP_MS; Date.now() < deadline; await sleep(TRY_EVERY_MS)) {
    const answer = await tryOnce(port, secureContext, session);
    if (answer !== undefined) return answer;
  }
  throw new Error('The gateway did not answer.');
}

function tryOnce(
  port: number,
  secureContext: SecureContext,
  session: Buffer | undefined,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const offered = session === undefined ? {} : { session };
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext, ...offered });
    let ticket: Buffer | undefined;
    socket.on('session', (given: Buffer) => {
      ticket = given;
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    socket.on('data', (chunk: Buffer) => {
      const isAnswered = statusOf(chunk) === 200;
      resolve(isAnswered ? { session: ticket, isResumed: socket.isSessionReused() } : undefined);
      socket.destroy();
    });
    socket.write('GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n');
  });
}
