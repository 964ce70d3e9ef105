/** What one check found; `fail` means that the gateway would not start or not serve. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly sentence: string;
  /** What to do about it; always there unless the level is `ok`. */
  readonly advice?: string;
}

/** Makes findings about one subject. */
export function about(subject: string) {
  return {
    ok: (sentence: string): Finding => ({ level: 'ok', subject, sentence }),
    warn: (sentence: string, advice: string): Finding => ({ level: 'warn', subject, sentence, advice }),
    fail: (sentence: string, advice: string): Finding => ({ level: 'fail', subject, sentence, advice }),
  };
}
