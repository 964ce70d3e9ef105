import { Refusal } from '../errors.ts';

/** What those read who come upon a limit. */

/** @param whom `alice`, or `tenant team-a` */
export function tooFast(whom: string, perSecond: number, waitMs: number, flood: string): Refusal {
  const seconds = inSeconds(waitMs);
  return limited('rate-limited', `${whom} sends more than ${perSecond} requests a second`, seconds, flood);
}

export function tooManyAtOnce(whom: string, most: number, flood: string): Refusal {
  const sentence = `${whom} has ${most} requests under way, as many as it may have at once`;
  return limited('too-many-requests-at-once', sentence, 1, flood);
}

export function tooManyStreams(whom: string, most: number, flood: string): Refusal {
  const sentence = `${whom} has ${most} streams open (attach, exec, logs, events, builds, pulls and the like), as many as it may have at once`;
  return limited('too-many-streams', sentence, 5, flood);
}

export function tooManyFailures(waitMs: number, flood: string): Refusal {
  const sentence = 'too many requests from this address showed nobody who may call';
  return limited('too-many-failures', sentence, inSeconds(waitMs), flood);
}

export function overloaded(sentence: string, flood: string): Refusal {
  return new Refusal(503, 'overloaded', `${sentence}; try again in 1 s`, { flood, retryAfter: 1 });
}

/** Of connections that are closed before their handshake: their clients read none of this, the audit log does. */
export function tooManyHandshakes(perSecond: number, flood: string): Refusal {
  return limited(
    'too-many-handshakes',
    `more than ${perSecond} connections a second were opened from this address`,
    1,
    flood,
  );
}

export function tooManyConnections(most: number, where: string, flood: string): Refusal {
  return limited(
    'too-many-connections',
    `${where} has ${most} connections open, as many as there may be`,
    5,
    flood,
  );
}

function limited(reason: string, sentence: string, seconds: number, flood: string): Refusal {
  return new Refusal(429, reason, `${sentence}; try again in ${seconds} s`, { flood, retryAfter: seconds });
}

function inSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
