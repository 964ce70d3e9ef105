import { request } from 'node:http';
import type { ReloadReport } from '../../src/reload/reloads.ts';

/** What `quaywarden reload` asks, without the start of a process each time. @param dir the gateway's folder */
export function reload(dir: string): Promise<ReloadReport> {
  return new Promise((resolve, reject) => {
    const socketPath = `${dir}/quaywarden.sock`;
    request({ socketPath, method: 'POST', path: '/v1/reload', agent: false }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part;
      });
      answer.once('end', () => resolve(JSON.parse(text) as ReloadReport));
    })
      .once('error', reject)
      .end();
  });
}
