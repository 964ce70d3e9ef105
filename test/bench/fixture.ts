import { request } from 'node:http';
import { ownLabels } from '../../src/tenancy/labels.ts';

/** What the requests of the benchmark act on, made through the Engine's own socket. */
export interface Fixture {
  /** A running container with `/data/big` in it. */
  readonly container: string;
  /** Makes an exec that writes `mib` MiB of zeros to standard output; each can be started once. */
  newExec(mib: number): Promise<string>;
}

/** Size of `/data/big`, in MiB. */
export const BIG_MIB = 512;

/** The tenant whose containers are measured, and who made them. */
export const OWNER = { tenant: 'team-a', name: 'alice' } as const;

/** A container by what it can be asked for. */
export interface Idle {
  readonly id: string;
  readonly name: string;
}

/** Creates `count` containers that are never started, all of them the tenant's. */
export async function createIdle(socket: string, count: number): Promise<Idle[]> {
  const made: Idle[] = [];
  for (let n = 0; n < count; n += 1) {
    const name = `idle-${n}`;
    const labels = {
      'com.example.team': 'bench',
      'com.example.number': String(n),
      ...ownLabels(OWNER),
    };
    const { Id } = await post(socket, `/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['true'],
      Labels: labels,
    });
    made.push({ id: String(Id), name });
  }
  return made;
}

/** Starts the container of the transfers. */
export async function startBusy(socket: string): Promise<Fixture> {
  const { Id } = await post(socket, '/containers/create?name=busy', {
    Image: 'busybox',
    Cmd: ['sleep', '3600'],
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
    newExec: (mib) => newExec('sh', '-c', `dd if=/dev/zero bs=1M count=${mib} 2>/dev/null`),
  };
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
