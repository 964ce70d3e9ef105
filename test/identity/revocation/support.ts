import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import { Refusal } from '../../../src/errors.ts';
import type { Principal } from '../../../src/identity/principal.ts';
import { openRevocation, type Revocation } from '../../../src/identity/revocation/revocation.ts';
import type { Issued } from '../../support/pki.ts';

/** Lists in a folder of their own, and a clock that a test turns. */
export interface Lists {
  readonly revocation: Revocation;
  readonly warnings: string[];
  /** Added to the time. */
  later: number;
  /** Writes a file of the folder anew. */
  write(name: string, content: string | Buffer): void;
  remove(name: string): void;
  /** How a client of that certificate is answered: `taken`, or the reason. */
  verdict(of: Issued, name?: string): Promise<string>;
  /** As a reload does it that finds other CAs. */
  reopen(cas: string): Promise<Revocation>;
  close(): void;
}

/**
 * @param ca of the clients: PEM
 * @param files by their names
 * @param config of `revocation`; files by their names
 */
export async function openLists(
  ca: string,
  files: Readonly<Record<string, string | Buffer>>,
  config: object,
): Promise<Lists> {
  const dir = mkdtempSync(join(tmpdir(), 'qw-lists-'));
  const write = (name: string, content: string | Buffer) => writeFileSync(join(dir, name), content);
  for (const [name, content] of Object.entries(files)) write(name, content);
  const warnings: string[] = [];
  const remove = (name: string) => rmSync(join(dir, name));
  const lists = { warnings, later: 0, write, remove };
  const parsed = configSchema.shape.revocation.parse(config) as Config['revocation'];
  const absolute: Config['revocation'] = {
    ...parsed,
    crls: parsed.crls.map((crl) => ('file' in crl ? { file: join(dir, crl.file) } : crl)),
    ...(parsed.denyList === undefined ? {} : { denyList: join(dir, parsed.denyList) }),
  };
  const log = {
    warn: (details: object, message: string) => void warnings.push(`${JSON.stringify(details)} ${message}`),
  };
  const open = (cas: string, before?: Revocation): Promise<Revocation> =>
    openRevocation(absolute, Buffer.from(cas), { log, now: () => Date.now() + lists.later, before });
  try {
    let revocation = await open(ca);
    return Object.assign(lists, {
      revocation,
      verdict: (of: Issued, name?: string) => verdictOf(revocation, of, name),
      reopen: async (cas: string) => {
        const before = revocation;
        revocation = await open(cas, before);
        before.close();
        return revocation;
      },
      close: () => {
        revocation.close();
        rmSync(dir, { recursive: true });
      },
    });
  } catch (error) {
    rmSync(dir, { recursive: true });
    throw error;
  }
}

async function verdictOf(revocation: Revocation, of: Issued, name = 'alice'): Promise<string> {
  const principal: Principal = {
    name,
    tenant: 'team-a',
    roles: [],
    method: 'certificate',
    issuer: '',
    certificate: { serial: '', thumbprint: '', subject: '' },
    expiresAt: 0,
  };
  try {
    await revocation.check(principal, { certificate: of.x509, authorized: true, error: undefined });
    return 'taken';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}
