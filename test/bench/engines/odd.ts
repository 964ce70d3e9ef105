import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type PassingEngine, startPassing } from './passing.ts';

const UPGRADED =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
const ZEROS = Buffer.alloc(65_536);

/** An Engine whose execs start and say nothing, however many there are. */
export function startSilent(engineSocket: string): Promise<PassingEngine> {
  return startPassing(engineSocket, {
    upgrade: (_, socket) => {
      socket.write(UPGRADED);
      socket.on('end', () => socket.end()).resume();
    },
  });
}

/** An Engine whose archives and execs never end, and which never reads an archive that is sent to it. */
export function startFlooding(engineSocket: string): Promise<PassingEngine> {
  return startPassing(engineSocket, {
    answer: (asked, answer) => {
      if (!/\/archive\?/.test(asked.url ?? '')) return false;
      if (asked.method === 'GET') {
        const stat = Buffer.from('{"name":"big","size":0,"mode":420}').toString('base64');
        const type = 'application/x-tar';
        answer.writeHead(200, { 'Content-Type': type, 'X-Docker-Container-Path-Stat': stat });
        flood(answer);
      } else asked.pause();
      return true;
    },
    upgrade: (_, socket) => {
      socket.write(UPGRADED);
      flood(socket);
    },
  });
}

function flood(to: Socket | ServerResponse): void {
  const pump = (): void => {
    while (!to.destroyed && to.write(ZEROS));
  };
  to.on('drain', pump).on('error', () => {});
  pump();
}
