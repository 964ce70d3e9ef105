import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readMembers, readValues } from '../../src/identity/der.ts';
import { der } from '../../src/identity/der-write.ts';
import { subjectOf } from './crl.ts';
import { bitString, extension, generalizedTime, integer, oid, sequence } from './der.ts';
import type { Issued } from './pki.ts';

/** A responder whose answers a test makes. */
export interface Responder {
  readonly url: string;
  /** How many questions there were. */
  asked(): number;
  /** Makes the answer to a question; null breaks the connection off. */
  answer: (question: Buffer) => Promise<Buffer | null> | Buffer | null;
  close(): void;
}

export async function startResponder(): Promise<Responder> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await responder.answer(Buffer.concat(chunks));
    if (answer === null) request.socket.destroy();
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const responder: Responder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`,
    asked: () => asked,
    answer: () => null,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return responder;
}

export interface OcspOptions {
  readonly status?: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate?: Date;
  /** Null leaves it out. */
  readonly nextUpdate?: Date | null;
  /** Who signs; default: the CA. A responder's certificate is sent along. */
  readonly responder?: Issued;
  /** Names itself in place of whoever signs. */
  readonly named?: Issued;
  /** Whether the responder is named by its key. */
  readonly byKey?: boolean;
  /** Default: that of the question; null leaves it out. */
  readonly nonce?: Buffer | null;
  /** Another certificate than was asked about. */
  readonly about?: string;
  readonly extensions?: readonly Buffer[];
  /** `responseStatus`; other than 0 is an answer without an answer. */
  readonly responseStatus?: number;
}

const minute = 60_000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const nonceId = '1.3.6.1.5.5.7.48.1.2';

/** Answers a question as a responder of `ca`, right or wrong. */
export function ocspAnswer(ca: Issued, question: Buffer, options: OcspOptions = {}): Buffer {
  const { status = 'good', responder = ca, named = responder, responseStatus = 0, extensions = [] } = options;
  const code = der(0x0a, Buffer.from([responseStatus]));
  if (responseStatus !== 0) return sequence(code);
  const { thisUpdate = new Date(Date.now() - minute), nextUpdate = new Date(Date.now() + 10 * minute) } =
    options;
  const asked = readQuestion(question);
  const id =
    options.about === undefined
      ? asked.id
      : sequence(
          ...readMembers(readValues(asked.id)[0], 0x30)
            .slice(0, 3)
            .map(({ encoding }) => encoding),
          integer(options.about),
        );
  const nonce = options.nonce === undefined ? asked.nonce : options.nonce;
  const said = [...extensions, ...(nonce === null ? [] : [extension(nonceId, der(0x04, nonce))])];
  const tbs = sequence(
    options.byKey === true ? der(0xa2, der(0x04, keyHash(named))) : der(0xa1, subjectOf(named)),
    generalizedTime(new Date()),
    sequence(
      sequence(
        id,
        status === 'good'
          ? der(0x80)
          : status === 'unknown'
            ? der(0x82)
            : der(
                0xa1,
                generalizedTime(new Date(Date.now() - minute)),
                der(0xa0, der(0x0a, Buffer.from([1]))),
              ),
        generalizedTime(thisUpdate),
        ...(nextUpdate === null ? [] : [der(0xa0, generalizedTime(nextUpdate))]),
      ),
    ),
    ...(said.length === 0 ? [] : [der(0xa1, sequence(...said))]),
  );
  const signature = sign('sha256', tbs, createPrivateKey(responder.key));
  const certificates = responder === ca ? [] : [der(0xa0, sequence(responder.x509.raw))];
  const basic = sequence(tbs, ecdsaWithSha256, bitString(signature), ...certificates);
  return sequence(code, der(0xa0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), der(0x04, basic))));
}

/** Answers by OpenSSL's own responder. */
export async function opensslAnswer(
  ca: Issued,
  question: Buffer,
  revoked: readonly Issued[],
  good: readonly Issued[],
): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'qw-ocsp-'));
  try {
    const line = (each: Issued, mark: string) =>
      `${mark}\t350101000000Z\t${mark === 'R' ? '260101000000Z,keyCompromise' : ''}\t${each.x509.serialNumber}\tunknown\t/CN=x\n`;
    const index = [...revoked.map((each) => line(each, 'R')), ...good.map((each) => line(each, 'V'))];
    writeFileSync(`${dir}/index`, index.join(''));
    writeFileSync(`${dir}/ca.pem`, ca.certificate);
    writeFileSync(`${dir}/key.pem`, ca.key);
    writeFileSync(`${dir}/question`, question);
    const names = ['-index', 'index', '-rsigner', 'ca.pem', '-rkey', 'key.pem', '-CA', 'ca.pem'];
    await promisify(execFile)(
      'openssl',
      ['ocsp', ...names, '-reqin', 'question', '-respout', 'answer', '-nmin', '5'],
      { cwd: dir },
    );
    return readFileSync(`${dir}/answer`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function readQuestion(question: Buffer): { id: Buffer; nonce: Buffer } {
  const [request] = readValues(question);
  const [tbs] = readMembers(request, 0x30);
  const [list, extensions] = readMembers(tbs, 0x30);
  const [single] = readMembers(list, 0x30);
  const [id] = readMembers(single, 0x30);
  const [said] = readMembers(readMembers(extensions, 0xa2)[0], 0x30);
  const value = readMembers(said, 0x30)[1];
  const [nonce] = readMembers(value, 0x04);
  return { id: Buffer.from(id?.encoding ?? []), nonce: Buffer.from(nonce?.content ?? []) };
}

function keyHash({ x509 }: Issued): Buffer {
  const [info] = readValues(x509.publicKey.export({ type: 'spki', format: 'der' }));
  const [, key] = readMembers(info, 0x30);
  return createHash('sha1')
    .update(key?.content.subarray(1) ?? '')
    .digest();
}
