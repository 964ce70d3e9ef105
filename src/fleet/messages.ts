import type { Config } from '../config/schema.ts';
import type { Readiness } from '../observe/readiness.ts';
import type { LiveSession } from '../recording/sessions.ts';
import type { ReloadReport } from '../reload/reloads.ts';

/** What the parent may ask of a worker, and what it answers. */
export interface Answers {
  ready: Readiness;
  /** In the text format of Prometheus. */
  metrics: string;
  sessions: readonly LiveSession[];
  endSession: boolean;
  reload: ReloadReport;
  stop: null;
}

export type Question = keyof Answers;

/** From the parent to a worker, once: its number, and the configuration that all were started with. */
export interface Begin {
  readonly number: number;
  readonly config: Config;
}

/** From the parent to a worker. */
export interface Asked {
  readonly id: number;
  readonly ask: Question;
  readonly argument: string;
}

/** From a worker to the parent. */
export type Told =
  /** It waits for `Begin`: what is sent before anybody listens is lost. */
  | { readonly type: 'waiting' }
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  /** It can not start: a sentence for each fault. */
  | { readonly type: 'unusable'; readonly faults: readonly string[] }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[Question] }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
