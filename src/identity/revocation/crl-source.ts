import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DerError } from '../der.ts';
import { type EndpointFile, fetchOnce, withCa } from '../fetch.ts';
import { isSignedBy } from '../signature.ts';
import type { Authorities, Authority } from './authorities.ts';
import { type Crl, CrlError, EVERYTHING, readCrl, readSealedCrl, type SealedCrl } from './crl.ts';

/** A CRL that was verified, and whose it is. */
export interface IssuedCrl {
  readonly crl: Crl;
  readonly authority: Authority;
}

/** What makes a fetch conditional (RFC 9110, section 13.1). */
interface Validators {
  readonly 'if-none-match'?: string;
  readonly 'if-modified-since'?: string;
}

/** 400,000 entries or so; `der.ts` reads no longer value either. */
const MOST_BYTES = 16 * 1_024 * 1_024;

/** How far the clock of a CA may be ahead of ours, in milliseconds. */
const AHEAD_MS = 300_000;

/** How many lists one file may hold: a copy of a small one, over and over, would be verified and looked through each time. */
const MOST_LISTS = 1_000;

const PEM_BEGIN = '-----BEGIN X509 CRL-----';
const PEM_END = '-----END X509 CRL-----';

/** Where CRLs come from, a file or a URL, and the last good ones that came. */
export class CrlSource {
  /** The file's path, or the URL without its query: what may be shown. Two sources can have the same. */
  readonly name: string;
  readonly #from: string | EndpointFile;
  #crls: readonly IssuedCrl[] = [];
  #fault: string | undefined;
  #digest = '';
  #validators: Validators = {};
  #by: Authorities | undefined;
  /** The load under way, and the one that comes after it. */
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /**
   * @param from a path, or a URL
   * @param before the same source, of which the last good lists are kept until there are newer ones
   */
  constructor(from: string | EndpointFile, before?: CrlSource) {
    this.#from = from;
    this.#crls = before?.crls ?? [];
    this.name = typeof from === 'string' ? from : `${from.url.origin}${from.url.pathname}`;
  }

  /** Whether both are the same file or the same URL, its query included. */
  isSameAs(other: CrlSource): boolean {
    return keyOf(this.#from) === keyOf(other.#from);
  }

  get isRemote(): boolean {
    return typeof this.#from !== 'string';
  }

  get crls(): readonly IssuedCrl[] {
    return this.#crls;
  }

  /** Why the last attempt to load failed: a sentence, or undefined when it did not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Loads again. When that fails, the last good lists stay, and `fault` says why. One load is under way at a time; all who ask
   * meanwhile share the one that follows it, however long it takes.
   *
   * @returns whether the lists are others than before
   */
  load(authorities: Authorities, now: () => number, abort: AbortSignal): Promise<boolean> {
    const running = this.#running;
    if (running === undefined) {
      this.#running = this.#load(authorities, now(), abort).finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= running.then(() => {
      this.#next = undefined;
      return this.load(authorities, now, abort);
    });
    return this.#next;
  }

  async #load(authorities: Authorities, now: number, abort: AbortSignal): Promise<boolean> {
    try {
      if (this.#by !== authorities) this.#forget();
      const bytes = await this.#bytes(abort);
      this.#fault = undefined;
      if (bytes === undefined) return false;
      const digest = createHash('sha256').update(bytes.body).digest('base64');
      if (digest !== this.#digest) {
        this.#crls = await this.#take(bytes.body, authorities, now);
        this.#digest = digest;
        this.#by = authorities;
        this.#validators = bytes.validators;
        return true;
      }
      return false;
    } catch (error) {
      this.#fault = sentenceOf(error);
      return false;
    }
  }

  /** Lists are verified anew when the CAs are others; those of CAs that are gone count no more. */
  #forget(): void {
    this.#digest = '';
    this.#validators = {};
  }

  /** @returns undefined when nothing has changed */
  async #bytes(abort: AbortSignal): Promise<{ body: Buffer; validators: Validators } | undefined> {
    if (typeof this.#from === 'string') {
      const body = await readFile(this.#from);
      if (body.length > MOST_BYTES) throw new CrlError(`it has more than ${MOST_BYTES} bytes`);
      return { body, validators: {} };
    }
    const headers = { accept: 'application/pkix-crl, */*;q=0.1', ...this.#validators };
    const {
      status,
      body,
      headers: got,
    } = await fetchOnce(await withCa(this.#from), { headers, mostBytes: MOST_BYTES }, abort);
    if (status === 304) return undefined;
    return {
      body,
      validators: {
        ...(got.etag === undefined ? {} : { 'if-none-match': got.etag }),
        ...(got['last-modified'] === undefined ? {} : { 'if-modified-since': got['last-modified'] }),
      },
    };
  }

  async #take(bytes: Buffer, authorities: Authorities, now: number): Promise<readonly IssuedCrl[]> {
    const taken: IssuedCrl[] = [];
    for (const der of encodingsIn(bytes)) {
      taken.push(await verify(der, authorities, now));
      await nextTurn();
    }
    const issued = new Map<string, number>();
    for (const { authority, crl } of taken) {
      const key = `${authority.id} ${JSON.stringify(crl.scope)}`;
      issued.set(key, Math.max(issued.get(key) ?? 0, crl.thisUpdate));
    }
    for (const { authority, crl } of this.#crls) {
      if (!authorities.all.some(({ id }) => id === authority.id)) continue;
      // A list for other certificates is no newer one, but one for all of them is.
      const times = [crl.scope, EVERYTHING].flatMap(
        (scope) => issued.get(`${authority.id} ${JSON.stringify(scope)}`) ?? [],
      );
      if (times.length === 0) {
        throw new CrlError(
          `there is no CRL of ${authority.name} in it any more, or none for the same certificates`,
        );
      }
      // Whoever can put an old list back could take a revocation back.
      const newest = Math.max(...times);
      if (newest < crl.thisUpdate) {
        throw new CrlError(`it was issued ${iso(newest)}, before the one in use (${iso(crl.thisUpdate)})`);
      }
    }
    return taken;
  }
}

function keyOf(from: string | EndpointFile): string {
  return typeof from === 'string' ? from : from.url.href;
}

function encodingsIn(bytes: Buffer): readonly Uint8Array[] {
  if (bytes[0] === 0x30) return [bytes];
  const text = bytes.toString('latin1');
  const encodings: Uint8Array[] = [];
  // No regular expression: of a text of beginnings without an end it would try each to the end.
  for (let begin = text.indexOf(PEM_BEGIN); begin !== -1; ) {
    const end = text.indexOf(PEM_END, begin);
    if (end === -1) throw new CrlError('it ends in the middle of a CRL');
    if (encodings.length === MOST_LISTS) throw new CrlError(`it holds more than ${MOST_LISTS} CRLs`);
    encodings.push(Buffer.from(text.slice(begin + PEM_BEGIN.length, end), 'base64'));
    begin = text.indexOf(PEM_BEGIN, end);
  }
  if (encodings.length === 0) throw new CrlError('it holds no CRL, in PEM or DER');
  return encodings;
}

/** Holds a list against the CAs (RFC 5280, section 6.3.3, steps b, f and g), and reads it once it is one of theirs. */
async function verify(der: Uint8Array, authorities: Authorities, now: number): Promise<IssuedCrl> {
  const sealed = readSealedCrl(der);
  const authority = signerOf(sealed, authorities);
  const crl = await readCrl(sealed);
  if (crl.thisUpdate > now + AHEAD_MS) {
    throw new CrlError(
      `it is not valid before ${iso(crl.thisUpdate)}; compare the clocks of its CA and this host`,
    );
  }
  return { crl, authority };
}

function signerOf(sealed: SealedCrl, authorities: Authorities): Authority {
  const { issuer, algorithm, signed, signature } = sealed;
  const named = authorities.all.filter(({ name }) => name === issuer);
  if (named.length === 0) {
    throw new CrlError(
      `its issuer, ${issuer}, is no CA in tls.clientCa; add that CA's certificate there, also if it is an intermediate one`,
    );
  }
  const authority = named.find(({ key }) => isSignedByKey(key));
  if (authority === undefined) throw new CrlError(`it is not signed with the key of ${issuer}`);
  if (!authority.signsCrls) {
    throw new CrlError(`the certificate of ${issuer} does not let it sign CRLs (keyUsage without cRLSign)`);
  }
  return authority;

  function isSignedByKey(key: Authority['key']): boolean {
    try {
      return isSignedBy(key, algorithm, signed.encoding, signature);
    } catch (error) {
      if (error instanceof DerError) throw new CrlError(`it has ${error.message}`);
      throw error;
    }
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof CrlError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `it can not be read (${code})`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
