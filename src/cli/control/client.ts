import { request } from 'node:http';
import { ConfigError } from '../../errors.ts';
import type { LiveSession } from '../../recording/sessions.ts';
import type { ReloadReport } from '../../reload/reloads.ts';

/** How long the gateway may take to answer, in milliseconds: a session that is ended says its goodbye first. */
const PATIENCE_MS = 30_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What the gateway of a configuration says of its sessions; undefined when it does not run. */
export async function liveSessions(socket: string): Promise<readonly LiveSession[] | undefined> {
  const answer = await ask(socket, 'GET', '/v1/sessions');
  if (answer === undefined) return undefined;
  return (answer.body as { readonly sessions: readonly LiveSession[] }).sessions;
}

/** @returns whether the session went on until now, and is over */
export async function endSession(socket: string, id: string): Promise<boolean> {
  return (await ask(socket, 'DELETE', `/v1/sessions/${id}`))?.status === 200;
}

/** Has the gateway read its configuration anew; undefined when it does not run. */
export async function reload(socket: string): Promise<ReloadReport | undefined> {
  return (await ask(socket, 'POST', '/v1/reload'))?.body as ReloadReport | undefined;
}

function ask(socketPath: string, method: string, path: string): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    // A connection that is kept alive would keep the command alive.
    const options = { socketPath, method, path, timeout: PATIENCE_MS, agent: false };
    const sent = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
      answer.once('error', reject);
    });
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined);
      else {
        reject(
          new ConfigError([
            `the gateway can not be asked on ${socketPath} (${code}); run this as the gateway's user or as root`,
          ]),
        );
      }
    });
    sent.end();
  });
}
