import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameOf } from '../../src/audit/signing.ts';
import { verifyFolder } from '../../src/audit/verify.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
import { soon } from './client.ts';

/** A gateway whose audit log lies on a disk of 1 MiB. */
async function open(audit: object): Promise<FrontDoor & { readonly mount: string; readonly admin: number }> {
  let mount = '';
  const door = await openFrontDoor({
    config: { admin: { listen: '127.0.0.1:0' }, audit: { folder: 'small/audit', ...audit } },
    prepare: (dir) => {
      mount = `${dir}/small`;
      mkdirSync(mount);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', mount]);
    },
  });
  const [, port] = /"port":(\d+),"msg":"the admin listener/.exec(door.gateway.log()) ?? [];
  return { ...door, mount, admin: Number(port) };
}

function ready(
  port: number,
): Promise<{ status: number; checks: Record<string, { ok: boolean; reason?: string }> }> {
  return new Promise((resolve, reject) => {
    get({ port, path: '/readyz', agent: false }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ...JSON.parse(body) }));
    }).on('error', reject);
  });
}

const EXEC = json('POST /v1.41/exec/x/start', '{}', 'Connection: Upgrade', 'Upgrade: tcp');

describe('a full disk', () => {
  let door: Awaited<ReturnType<typeof open>>;
  const filler = (): string => `${door.mount}/filler`;
  const fill = (): void => {
    try {
      writeFileSync(filler(), Buffer.alloc(4_194_304));
    } catch {
      // that is the end of it
    }
  };
  /** The rest of a page may hold a few more records. */
  const full = async (): Promise<void> => {
    for (let n = 0; n < 50; n += 1) {
      if ((await door.ask(http('GET /v1.41/info'))).status === 503) return;
    }
    throw new Error('the disk is not full');
  };
  afterEach(async () => {
    await door.close();
    execFileSync('umount', [door.mount]);
  });

  describe('by default', () => {
    beforeEach(async () => {
      door = await open({});
    });

    it('stops requests, not sessions; readyz says why, and all goes on by itself', async () => {
      expect(await ready(door.admin)).toMatchObject({ status: 200, checks: { audit: { ok: true } } });
      const session = await door.connect();
      session.write(EXEC);
      await session.until(/welcome/);
      fill();
      await full();
      door.engine.taken();
      const requests = [http('GET /v1.41/info'), http('POST /v1.41/containers/x/wait'), EXEC];
      for (const request of requests) {
        const answer = await door.ask(request);
        expect(answer.status).toBe(503);
        expect(answer.body).toContain('[audit-unavailable]');
      }
      // The session is as it was, and nothing new came to the Engine.
      expect(door.engine.taken().filter((text) => !/_ping/.test(text))).toEqual([]);
      expect(session.socket.destroyed).toBe(false);
      expect(await ready(door.admin)).toMatchObject({
        status: 503,
        checks: {
          audit: { ok: false, reason: 'the audit log can not be written (ENOSPC)' },
          engine: { ok: true },
        },
      });
      rmSync(filler());
      await soon(async () => (await ready(door.admin)).status).toBe(200);
      expect((await door.ask(http('GET /v1.41/info'))).status).toBe(200);
      session.end();
      expect(readAnswer(await session.closed(), 'POST').status).toBe(101);
      await door.gateway.stop();
      const pem = readFileSync(`${door.gateway.dir}/certs/audit/signing-public.pem`);
      const key = createPublicKey(pem);
      const { id, algorithm } = nameOf(key, 'x');
      const verdict = verifyFolder(`${door.mount}/audit`, { keys: new Map([[id, { key, algorithm }]]) });
      expect(verdict).toMatchObject({ ok: true, lost: 0, isClosed: true });
    });
  });

  describe('with audit.openSessions: end', () => {
    beforeEach(async () => {
      door = await open({ openSessions: 'end' });
    });

    it('ends sessions too', async () => {
      const session = await door.connect();
      session.write(EXEC);
      await session.until(/welcome/);
      fill();
      await full();
      await session.closed();
      rmSync(filler());
      await soon(async () => (await ready(door.admin)).status).toBe(200);
    });
  });
});
