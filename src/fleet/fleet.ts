import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { mixed } from '../observe/mixed.ts';
import type { Condition, Readiness } from '../observe/readiness.ts';
import { type Operator, openOperator } from '../operator.ts';
import type { ReloadReport } from '../reload/reloads.ts';
import type { Answers, Question, Told } from './messages.ts';

/** How long after its end a worker is replaced, in milliseconds: at first, and at most when it ends again and again. */
const DELAY_MS = { first: 200, most: 30_000 };
/** Who has served for so long ended for another reason than the one before. */
const SOUND_MS = 60_000;
/** How long a worker may take to answer its parent, in milliseconds; to stop it takes as long as it takes. */
const PATIENCE_MS = 20_000;

interface Member {
  readonly number: number;
  worker: Worker | undefined;
  /** When it began to serve, by `performance.now`; undefined while it does not. */
  since: number | undefined;
  delayMs: number;
  restarts: number;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Several processes that serve as one: this one starts them, replaces those that crash, and asks them for the operator. */
export class Fleet implements Operator {
  readonly #members: readonly Member[];
  readonly #config: Config;
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  /** When a reload was asked for last: who was still starting then is asked once it listens. */
  #reloadedAt = 0;
  #isStopping = false;
  readonly #hasInherited = process.env['LISTEN_PID'] === String(process.pid);

  private constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#members = Array.from({ length: config.workers }, (_, index) => ({
      number: index + 1,
      worker: undefined,
      since: undefined,
      delayMs: DELAY_MS.first,
      restarts: 0,
    }));
  }

  /**
   * Starts all workers and opens the operator's doors.
   *
   * @throws ConfigError when one of them can not start; none is left behind
   */
  static async start(
    config: Config,
    log: Logger,
  ): Promise<{ address: { host: string; port: number }; operator: Operator; stop(): Promise<void> }> {
    const fleet = new Fleet(config, log);
    const closeOperator = await openOperator(config, fleet, log);
    try {
      // The first makes what is missing: keys that the others then share.
      const [first, ...others] = fleet.#members as [Member, ...Member[]];
      const address = await fleet.#begin(first);
      await Promise.all(others.map((member) => fleet.#begin(member)));
      return {
        address,
        operator: fleet,
        async stop() {
          await fleet.#stop();
          await closeOperator();
        },
      };
    } catch (error) {
      await fleet.#stop();
      await closeOperator();
      throw error;
    }
  }

  async ready(): Promise<Readiness> {
    const told = await this.#askAll('ready');
    const checks: Record<string, Condition> = {};
    for (const { checks: own } of told) {
      for (const [name, condition] of Object.entries(own)) {
        if (checks[name]?.ok !== false) checks[name] = condition;
      }
    }
    const serving = this.#serving.length;
    const workers = {
      wanted: this.#members.length,
      serving,
      restarts: this.#members.reduce((sum, { restarts }) => sum + restarts, 0),
    };
    const all = Object.values(checks);
    return {
      ...told[0],
      ready: serving > 0 && told.length === serving && all.every(({ ok }) => ok),
      checks,
      sinks: told.flatMap(({ sinks = [] }) => sinks),
      workers,
    };
  }

  async metrics(): Promise<string> {
    return mixed(await this.#askAll('metrics'));
  }

  async sessions(): Promise<Answers['sessions']> {
    return (await this.#askAll('sessions')).flat();
  }

  async endSession(id: string): Promise<boolean> {
    return (await this.#askAll('endSession', id)).includes(true);
  }

  /** One report of all: refused where any has refused, with its faults. */
  async reload(cause: ReloadReport['cause']): Promise<ReloadReport> {
    this.#reloadedAt = performance.now();
    const reports = await Promise.all(
      this.#serving.map(async ({ number, worker }): Promise<ReloadReport> => {
        try {
          return await this.#ask(worker as Worker, 'reload', cause, PATIENCE_MS);
        } catch (error) {
          return refusedReport(cause, `worker ${number}: ${(error as Error).message}`);
        }
      }),
    );
    const refused = reports.filter(({ outcome }) => outcome === 'refused');
    const [worst] = refused;
    if (worst === undefined) {
      const some = reports.find(({ outcome }) => outcome === 'reloaded') ?? reports[0];
      return some ?? refusedReport(cause, 'no worker is there to read it');
    }
    const faults = [...new Set(refused.flatMap((report) => report.faults))];
    const differ =
      refused.length < reports.length
        ? [
            `${reports.length - refused.length} of ${reports.length} workers have it in force and the others not: reload again, or restart`,
          ]
        : [];
    return { ...worst, faults: [...faults, ...differ] };
  }

  get #serving(): readonly Member[] {
    return this.#members.filter(({ since }) => since !== undefined);
  }

  /** @returns the answers of those that serve and gave one */
  async #askAll<Q extends Question>(ask: Q, argument = ''): Promise<Answers[Q][]> {
    const answers = await Promise.allSettled(
      this.#serving.map(({ worker }) => this.#ask(worker as Worker, ask, argument, PATIENCE_MS)),
    );
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  /** @param patienceMs 0: as long as it lives */
  #ask<Q extends Question>(
    worker: Worker,
    ask: Q,
    argument: string,
    patienceMs: number,
  ): Promise<Answers[Q]> {
    this.#asked += 1;
    const id = this.#asked;
    let over = (): void => {};
    return new Promise<Answers[Q]>((resolve, reject) => {
      const gone = (): void => reject(new Error('the worker has ended'));
      worker.once('exit', gone);
      const timer =
        patienceMs === 0
          ? undefined
          : setTimeout(() => reject(new Error('the worker does not answer')), patienceMs);
      over = () => {
        clearTimeout(timer);
        worker.off('exit', gone);
      };
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker.send({ id, ask, argument }, (error) => {
        if (error !== null) reject(error);
      });
    }).finally(() => {
      this.#waiting.delete(id);
      over();
    });
  }

  /** Starts a worker. @returns where it listens @throws ConfigError when it can not */
  #begin(member: Member): Promise<{ host: string; port: number }> {
    const startedAt = performance.now();
    const worker = cluster.fork();
    member.worker = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (told: Told) => {
        switch (told.type) {
          case 'waiting':
            worker.send({ number: member.number, config: this.#config });
            return;
          case 'listening':
            member.since = performance.now();
            if (this.#reloadedAt > startedAt)
              void this.#ask(worker, 'reload', 'command', PATIENCE_MS).catch(() => {});
            resolve({ host: told.host, port: told.port });
            return;
          case 'unusable':
            reject(new ConfigError(told.faults));
            return;
          case 'answer':
            this.#waiting.get(told.id)?.resolve(told.answer);
            return;
          case 'failed':
            this.#waiting.get(told.id)?.reject(new Error(told.message));
        }
      });
      worker.once('exit', (code, signal) => {
        const wasServing = member.since !== undefined;
        const servedMs = performance.now() - (member.since ?? performance.now());
        member.worker = undefined;
        member.since = undefined;
        reject(new Error(`worker ${member.number} ended (${signal ?? code}) before it served`));
        if (wasServing) this.#replace(member, servedMs, signal ?? String(code));
      });
    });
  }

  #replace(member: Member, servedMs: number, how: string): void {
    if (this.#isStopping) return;
    // A socket that systemd handed over is closed with the last worker: only systemd can hand it over again.
    if (this.#hasInherited && this.#members.every(({ worker }) => worker === undefined)) {
      this.#log.fatal('no worker is left, and the socket of systemd is gone with the last; the gateway ends');
      process.exit(1);
    }
    if (servedMs >= SOUND_MS) member.delayMs = DELAY_MS.first;
    const { number, delayMs } = member;
    member.delayMs = Math.min(delayMs * 2, DELAY_MS.most);
    member.restarts += 1;
    this.#log.error({ worker: number, how, delayMs }, 'a worker ended, and is replaced');
    setTimeout(() => {
      if (this.#isStopping) return;
      this.#begin(member).then(
        () => this.#log.info({ worker: number }, 'a worker serves in its place'),
        (error: unknown) => {
          this.#log.error({ worker: number, err: error }, 'a worker could not be replaced yet');
          this.#replace(member, 0, 'start');
        },
      );
    }, delayMs);
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      this.#members.map(async ({ worker, since }) => {
        if (worker === undefined || worker.isDead()) return;
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        // Who has not begun to serve hears nothing yet, and has nothing to end.
        if (since === undefined) worker.process.kill('SIGKILL');
        else await this.#ask(worker, 'stop', '', 0).catch(() => worker.process.kill('SIGKILL'));
        await gone;
      }),
    );
  }
}

function refusedReport(cause: ReloadReport['cause'], fault: string): ReloadReport {
  const at = new Date().toISOString();
  return { outcome: 'refused', cause, at, policyVersion: '', changed: [], faults: [fault] };
}
