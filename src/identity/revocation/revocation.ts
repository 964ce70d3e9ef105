import type { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { DerError } from '../der.ts';
import type { IdentityLog } from '../jwks.ts';
import type { PeerCertificateInput } from '../mtls.ts';
import type { Principal } from '../principal.ts';
import { Authorities } from './authorities.ts';
import { type Findings, type Lists, lookUp } from './coverage.ts';
import { CrlSource, type IssuedCrl } from './crl-source.ts';
import { readDenyList } from './deny-list.ts';
import { FileWatch } from './file-watch.ts';
import { OcspClient, type Standing } from './ocsp-client.ts';
import { certificateRevoked, principalDenied, revocationUnknown, tokenRevoked } from './refusals.ts';

/** Whether what a client shows has been revoked. */
export interface Revocation {
  /**
   * Asked at every request, and of whoever has a session open. Answers at once unless somebody has to be asked.
   *
   * @throws Refusal (401) `certificate-revoked`, `token-revoked`, `principal-denied` or `revocation-unknown`
   */
  check(principal: Principal, peer: PeerCertificateInput): void | Promise<void>;
  /** Reads every file and fetches every URL again. What fails stays as it was; `state` says why. */
  reload(): Promise<void>;
  state(): RevocationState;
  /** @param listener is told whenever something may be revoked that was not before */
  onChange(listener: () => void): void;
  close(): void;
}

/** What an operator may want to know of the lists; nothing in it is secret. */
export interface RevocationState {
  readonly crls: readonly CrlState[];
  readonly denyList?: { readonly name: string; readonly entries: number; readonly fault?: string };
  readonly ocsp?: { readonly mode: string; readonly fault?: string };
}

export interface CrlState {
  /** The file, or the URL without its query. */
  readonly name: string;
  /** Of the list that runs out first; absent while there is none. */
  readonly issuer?: string;
  /** RFC 3339. */
  readonly thisUpdate?: string;
  readonly nextUpdate?: string;
  readonly isStale: boolean;
  /** Certificates on it. */
  readonly entries: number;
  /** Why it could not be loaded the last time. */
  readonly fault?: string;
}

type RevocationConfig = Config['revocation'];

export interface RevocationDeps {
  readonly log: IdentityLog;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** What was in force before, of which the last good lists are kept until there are newer ones. */
  readonly before?: Revocation | undefined;
}

/** How often lists are looked through for those that have run out, in milliseconds. */
const STALE_LOOK_MS = 1_000;

/** How often files that could not be read or used are tried again, changed or not, in milliseconds. */
const RETRY_MS = 10_000;

/**
 * Reads and fetches all lists, and keeps them up to date.
 *
 * @param clientCa the CAs that client certificates chain to, in PEM; undefined where none are asked for
 * @throws ConfigError for a file that can not serve; a URL that does not answer is told in the log and tried again
 */
export async function openRevocation(
  config: RevocationConfig,
  clientCa: Buffer | undefined,
  deps: RevocationDeps,
): Promise<Revocation> {
  const opened = new OpenRevocation(config, clientCa, deps);
  try {
    await opened.start();
  } catch (error) {
    opened.close();
    throw error;
  }
  return opened;
}

class OpenRevocation implements Revocation {
  readonly #config: RevocationConfig;
  readonly #log: IdentityLog;
  readonly #now: () => number;
  readonly #sources: readonly CrlSource[];
  readonly #abort = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #listeners: (() => void)[] = [];
  readonly #watch: FileWatch;
  readonly #ocsp: OcspClient | undefined;
  #lists: Lists;
  #denyList: RevocationState['denyList'];
  #isDenyListUnread = false;
  /** Another number whenever anything in `#lists` has changed: what was found before counts no more. */
  #edition = 0;
  readonly #found = new WeakMap<X509Certificate, { edition: number; since: number; findings: Findings }>();
  readonly #toldStale = new WeakSet<IssuedCrl>();

  constructor(
    config: RevocationConfig,
    clientCa: Buffer | undefined,
    { log, now = Date.now, before }: RevocationDeps,
  ) {
    this.#config = config;
    this.#log = log;
    this.#now = now;
    this.#lists = {
      authorities: new Authorities(clientCa),
      crls: new Map(),
      denied: readDenyList('').denied,
    };
    const isKnown = before instanceof OpenRevocation;
    const knownSources = isKnown ? before.#sources : [];
    this.#sources = config.crls.map((crl) => {
      const from =
        'file' in crl
          ? crl.file
          : { url: new URL(crl.url), caFile: crl.ca, timeoutMs: crl.timeoutSeconds * 1_000 };
      const source = new CrlSource(from);
      const last = knownSources.find((each) => each.isSameAs(source));
      return last === undefined ? source : new CrlSource(from, last);
    });
    this.#ocsp =
      config.ocsp.mode === 'off'
        ? undefined
        : this.#responder(config.ocsp, isKnown ? before.#ocsp : undefined);
    this.#watch = new FileWatch(this.#files(), (file) => void this.#changed(file));
  }

  async start(): Promise<void> {
    await this.#watch.settle();
    await Promise.all(this.#sources.map((source) => this.#load(source)));
    const faults = this.#sources.flatMap(({ name, fault, isRemote }, index) =>
      fault === undefined || isRemote ? [] : [`revocation.crls[${index}].file: ${name}: ${fault}`],
    );
    faults.push(...(await this.#readDenyList(true)), ...(await this.#caFaults()));
    if (faults.length > 0) throw new ConfigError(faults);
    this.#publish();
    for (const [index, crl] of this.#config.crls.entries()) {
      const source = this.#sources[index];
      if (!('url' in crl) || source === undefined) continue;
      this.#every(crl.refreshSeconds * 1_000, () => void this.#reload([source]));
    }
    if (this.#files().length > 0) this.#every(RETRY_MS, () => void this.#tryAgain());
    if (this.#sources.length > 0) this.#every(STALE_LOOK_MS, () => this.#tellStale());
    this.#tellStale();
  }

  check(principal: Principal, { certificate }: PeerCertificateInput): void | Promise<void> {
    const { denied } = this.#lists;
    if (denied.subjects.has(principal.name)) throw principalDenied();
    if (principal.tokenId !== undefined && denied.tokens.has(principal.tokenId)) throw tokenRevoked();
    if (principal.certificate === undefined || certificate === undefined) return;
    const findings = this.#findings(certificate);
    if (findings.revoked !== undefined)
      throw certificateRevoked(findings.revoked.entry, findings.revoked.isCa);
    if (!this.#passes(findings.above)) throw revocationUnknown();
    if (this.#ocsp === undefined) {
      if (!this.#passes(findings.leaf)) throw revocationUnknown();
      return;
    }
    const standing = this.#ocsp.standing(certificate, findings.issuer);
    if (standing instanceof Promise) return standing.then((known) => this.#judge(known, findings));
    this.#judge(standing, findings);
  }

  async reload(): Promise<void> {
    await this.#watch.settle();
    await this.#readDenyList(false);
    this.#publish();
    await this.#reload(this.#sources);
  }

  state(): RevocationState {
    const now = this.#now();
    const crls = this.#sources.map(({ name, crls: lists, fault }): CrlState => {
      const [first] = [...lists].sort((one, other) => one.crl.nextUpdate - other.crl.nextUpdate);
      const entries = lists.reduce((sum, { crl }) => sum + crl.revoked.size, 0);
      return {
        name,
        ...(first === undefined
          ? {}
          : {
              issuer: first.crl.issuer,
              thisUpdate: new Date(first.crl.thisUpdate).toISOString(),
              nextUpdate: new Date(first.crl.nextUpdate).toISOString(),
            }),
        isStale: first === undefined || now > first.crl.nextUpdate,
        entries,
        ...(fault === undefined ? {} : { fault }),
      };
    });
    const { mode } = this.#config.ocsp;
    const fault = this.#ocsp?.fault;
    return {
      crls,
      ...(this.#denyList === undefined ? {} : { denyList: this.#denyList }),
      ...(mode === 'off' ? {} : { ocsp: { mode, ...(fault === undefined ? {} : { fault }) } }),
    };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#abort.abort();
    this.#watch.close();
    this.#ocsp?.close();
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** What the lists say of a certificate: found once for as long as it can not change. */
  #findings(certificate: X509Certificate): Findings {
    const now = this.#now();
    const before = this.#found.get(certificate);
    if (before?.edition === this.#edition && now >= before.since && now <= before.findings.until)
      return before.findings;
    let findings: Findings;
    try {
      findings = lookUp(certificate, this.#lists, now);
    } catch (error) {
      if (error instanceof DerError) throw revocationUnknown(error);
      throw error;
    }
    this.#found.set(certificate, { edition: this.#edition, since: now, findings });
    return findings;
  }

  /** What a responder says, beside the lists. */
  #judge({ status, entry }: Standing, { leaf }: Findings): void {
    if (status === 'good') return;
    if (status === 'revoked') throw certificateRevoked(entry, false);
    const isListed = this.#sources.length > 0;
    const passes = status === 'unknown' ? isListed && leaf === 'good' : this.#passes(leaf);
    if (this.#config.ocsp.mode === 'require' || !passes) throw revocationUnknown();
  }

  #responder(
    { responder, ca, timeoutSeconds, cacheSeconds }: RevocationConfig['ocsp'],
    before: OcspClient | undefined,
  ): OcspClient {
    const options = {
      responder: responder === undefined ? undefined : new URL(responder),
      caFile: ca,
      timeoutMs: timeoutSeconds * 1_000,
      cacheMs: cacheSeconds * 1_000,
      now: this.#now,
      log: this.#log,
      isGone: (certificate: X509Certificate) => this.#findings(certificate).revoked !== undefined,
      onWorse: () => this.#tell(),
    };
    return new OcspClient(options, before);
  }

  #passes(coverage: Findings['leaf']): boolean {
    if (this.#sources.length === 0 || coverage === 'good') return true;
    if (coverage === 'stale') return this.#config.staleCrl === 'warn';
    // A source that never gave a list could be the one that this certificate is on.
    const isMissing = this.#sources.some(({ crls }) => crls.length === 0);
    return this.#config.uncovered === 'allow' && !(isMissing && this.#config.staleCrl === 'refuse');
  }

  async #load(source: CrlSource): Promise<boolean> {
    const before = source.fault;
    const isChanged = await source.load(this.#lists.authorities, this.#now, this.#abort.signal);
    const { name, fault, crls } = source;
    if (fault !== undefined && fault !== before && !this.#abort.signal.aborted) {
      this.#log.warn(
        { crl: name, fault },
        crls.length > 0
          ? 'a CRL could not be loaded, the last one stays in use'
          : 'a CRL could not be loaded, and there is none yet',
      );
    }
    return isChanged;
  }

  /** What each has is in force as soon as it has it: one that does not answer holds up no other. */
  async #reload(sources: readonly CrlSource[]): Promise<void> {
    await Promise.all(
      sources.map(async (source) => {
        if (await this.#load(source)) this.#publish();
      }),
    );
  }

  /** Puts what was read into force. */
  #publish(): void {
    const crls = new Map<string, IssuedCrl[]>();
    for (const issued of this.#sources.flatMap((source) => source.crls)) {
      const { id } = issued.authority;
      crls.set(id, [...(crls.get(id) ?? []), issued]);
    }
    this.#lists = { ...this.#lists, crls };
    this.#edition += 1;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** @returns what is wrong with it; at the start that is all it does with a list that has a fault */
  async #readDenyList(isStart: boolean): Promise<readonly string[]> {
    const { denyList: name } = this.#config;
    if (name === undefined) return [];
    let text: string;
    try {
      text = await readFile(name, 'utf8');
    } catch (error) {
      this.#isDenyListUnread = true;
      return this.#denyListFault(name, [`it can not be read (${codeOf(error)})`]);
    }
    this.#isDenyListUnread = false;
    // A line that can not be read must not take away what others deny, nor what was denied before.
    const strict = readDenyList(text);
    const read = strict.faults.length === 0 || isStart ? strict : readDenyList(text, this.#lists.denied);
    this.#lists = { ...this.#lists, denied: read.denied };
    this.#denyList = { name, entries: read.entries };
    return read.faults.length === 0 ? [] : this.#denyListFault(name, read.faults);
  }

  #denyListFault(name: string, faults: readonly string[]): readonly string[] {
    const [fault = ''] = faults;
    const before = this.#denyList?.fault;
    this.#denyList = { name, entries: this.#denyList?.entries ?? 0, fault };
    if (fault !== before) {
      this.#log.warn(
        { denyList: name, faults },
        'the deny list has faults; what it denied before stays denied',
      );
    }
    return faults.map((each) => `revocation.denyList: ${name}: ${each}`);
  }

  /** CAs of URLs are read at each fetch; that they can not be is told at the start. */
  async #caFaults(): Promise<readonly string[]> {
    const { crls, ocsp } = this.#config;
    const files = [...crls.flatMap((crl) => ('url' in crl ? [crl.ca] : [])), ocsp.ca];
    const faults = files.map(async (file) => {
      if (file === undefined) return [];
      return access(file, constants.R_OK).then(
        () => [],
        (error: unknown) => [`revocation: ${file}: it can not be read (${codeOf(error)})`],
      );
    });
    return (await Promise.all(faults)).flat();
  }

  #files(): readonly string[] {
    const { crls, denyList } = this.#config;
    return [
      ...crls.flatMap((crl) => ('file' in crl ? [crl.file] : [])),
      ...(denyList === undefined ? [] : [denyList]),
    ];
  }

  async #changed(file: string): Promise<void> {
    if (file === this.#config.denyList) {
      await this.#readDenyList(false);
      this.#publish();
      return;
    }
    await this.#reload(this.#sources.filter(({ name }) => name === file));
  }

  /** The fault may have been elsewhere: a folder that could not be entered, a disk, a clock. */
  async #tryAgain(): Promise<void> {
    if (this.#isDenyListUnread) {
      await this.#readDenyList(false);
      this.#publish();
    }
    await this.#reload(this.#sources.filter(({ fault, isRemote }) => fault !== undefined && !isRemote));
  }

  #tellStale(): void {
    const now = this.#now();
    let hasNew = false;
    for (const { name, crls } of this.#sources) {
      for (const issued of crls) {
        if (now <= issued.crl.nextUpdate || this.#toldStale.has(issued)) continue;
        this.#toldStale.add(issued);
        hasNew = true;
        this.#log.warn(
          { crl: name, issuer: issued.crl.issuer, nextUpdate: new Date(issued.crl.nextUpdate).toISOString() },
          this.#config.staleCrl === 'refuse'
            ? 'a CRL is out of date: certificates of its issuer are refused until there is a newer one'
            : 'a CRL is out of date: certificates of its issuer are taken all the same, as revocation.staleCrl says',
        );
      }
    }
    if (hasNew) this.#tell();
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms).unref());
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}
