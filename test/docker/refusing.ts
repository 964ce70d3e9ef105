import { expect } from 'vitest';
import { Refusal } from '../../src/errors.ts';

/** What a refusal says, for one comparison. */
export interface Said {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly field: string | undefined;
}

/** Runs something that must be refused and returns what the refusal says. */
export function refusalOf(action: () => unknown): Said {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    const { status, reason, message, field } = error as Refusal;
    return { status, reason, message, field };
  }
  throw new Error('nothing was refused');
}
