import { destination, type Logger, pino } from 'pino';
import type { Config } from '../config/schema.ts';

/** Where secrets travel; nothing logs these objects, and if something ever does it shows `[redacted]`. */
const SECRETS = ['authorization', 'x-registry-auth', 'x-registry-config', 'cookie'].flatMap((name) => [
  `["${name}"]`,
  `headers["${name}"]`,
  `req.headers["${name}"]`,
]);

/**
 * The gateway's own log: JSON lines on standard error, written at once so that a crash loses none. What clients
 * did is in the audit log, not here.
 */
export function createLog(level: Config['log']['level']): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error) },
      redact: { paths: SECRETS, censor: '[redacted]' },
    },
    destination({ dest: 2, sync: true }),
  );
}

/**
 * What the log keeps of an error and of up to three causes behind it. Other properties are left out: a parser's
 * error carries the bytes it read, a token's error its claims.
 */
function describeError(error: unknown, causes = 3): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, code, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  return {
    type: name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack,
    ...(cause !== undefined && causes > 0 ? { cause: describeError(cause, causes - 1) } : {}),
  };
}
