import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ownLabels } from '../../../src/tenancy/labels.ts';

/** What the transfers and sessions of the benchmark act on, made through the Engine's own socket. */
export interface Fixture {
  /** A running container of the tenant with `/data/big` in it. */
  readonly container: string;
  /** An image of the tenant with `/data/big` in it, and what `docker save` makes of it. */
  readonly image: { readonly name: string; readonly file: string; readonly bytes: number };
  /** Makes an exec that writes `mib` MiB of zeros to standard output; each can be started once. */
  newExec(mib: number): Promise<string>;
  /** Makes an exec of `cat` on a terminal. */
  newTerminal(): Promise<string>;
}

/** Size of `/data/big`, in MiB. */
export const BIG_MIB = 128;

/** What an exec writes, in MiB. */
export const EXEC_MIB = 256;

/** The tenant whose containers are measured, and who made them. */
export const OWNER = { tenant: 'team-a', name: 'alice' } as const;

/** A container by what it can be asked for. */
export interface Idle {
  readonly id: string;
  readonly name: string;
}

/** How many containers are created at a time. */
const AT_ONCE = 8;

/** Creates containers that are never started, all of them the tenant's, numbered from `first` to before `end`. */
export async function createIdle(socket: string, first: number, end: number): Promise<Idle[]> {
  const made: Idle[] = [];
  let next = first;
  const maker = async (): Promise<void> => {
    while (next < end) {
      const number = String(next);
      next += 1;
      const name = `idle-${number}`;
      const Labels = { 'com.example.team': 'bench', 'com.example.number': number, ...ownLabels(OWNER) };
      const body = { Image: 'busybox', Cmd: ['true'], Labels };
      const { Id } = await post(socket, `/containers/create?name=${name}`, body);
      made.push({ id: String(Id), name });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, maker));
  return made;
}

/** Starts the container of the transfers, and makes the image. */
export async function startBusy(socket: string): Promise<Fixture> {
  const { Id } = await post(socket, '/containers/create?name=busy', {
    Image: 'busybox',
    Cmd: ['sleep', '3600'],
    Labels: ownLabels(OWNER),
  });
  const container = String(Id);
  await post(socket, `/containers/${container}/start`);
  const newExec = async (...Cmd: string[]): Promise<string> => {
    const made = await post(socket, `/containers/${container}/exec`, { AttachStdout: true, Cmd });
    return String(made['Id']);
  };
  const fill = await newExec(
    ...['sh', '-c', `mkdir /data && dd if=/dev/zero of=/data/big bs=1M count=${BIG_MIB} 2>/dev/null`],
  );
  await post(socket, `/exec/${fill}/start`, {});
  return {
    container,
    image: await makeImage(socket, container),
    newExec: (mib) => newExec('sh', '-c', `dd if=/dev/zero bs=1M count=${mib} 2>/dev/null`),
    newTerminal: async () => {
      const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
      const made = await post(socket, `/containers/${container}/exec`, { ...streams, Cmd: ['cat'] });
      return String(made['Id']);
    },
  };
}

async function makeImage(socket: string, container: string): Promise<Fixture['image']> {
  const name = `${OWNER.tenant}/big`;
  await post(socket, `/commit?container=${container}&repo=${name}&tag=latest&pause=0`, {});
  const dir = mkdtempSync('/tmp/qwb-');
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const file = `${dir}/image.tar`;
  await new Promise<void>((resolve, reject) => {
    request({ socketPath: socket, path: `/v1.41/images/${name}/get` }, (reply) => {
      pipeline(reply, createWriteStream(file)).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
  return { name, file, bytes: statSync(file).size };
}

/** The header of a tar archive whose one file has `bytes` bytes (POSIX.1-1988, ustar). */
export function tarHeader(name: string, bytes: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0${' '.repeat(8)}0`, 124);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function post(socketPath: string, path: string, body?: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    const sent = request({ socketPath, path: `/v1.41${path}`, method: 'POST', headers }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const said = Buffer.concat(chunks).toString();
      if ((reply.statusCode ?? 500) >= 300) return reject(new Error(`${path}: ${reply.statusCode} ${said}`));
      resolve(said.startsWith('{') ? (JSON.parse(said) as Record<string, unknown>) : {});
    });
    sent.on('error', reject).end(text);
  });
}
