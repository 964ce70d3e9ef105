import type { Writable } from 'node:stream';
import { type Delivery, DeliveryError } from './delivery.ts';
import { each, type ToMessage } from './message.ts';

/**
 * Standard output, a line a message. The receiver has a line when the operating system has taken it: a pipe whose reader
 * waits holds the sink back and nothing else, as Node writes to pipes without waiting.
 */
export function stdoutDelivery(toMessage: ToMessage, out: Writable = process.stdout): Delivery {
  return {
    limits: { lines: 1_000, bytes: 262_144 },
    open: async (signal) => ({
      async write(lines) {
        const text = (await each(lines, (line) => `${toMessage(line).text}\n`)).join('');
        await new Promise<void>((resolve, reject) => {
          const stop = (): void => reject(new DeliveryError('standard output takes nothing'));
          signal.addEventListener('abort', stop, { once: true });
          out.write(text, (error) => {
            signal.removeEventListener('abort', stop);
            if (error == null) resolve();
            else {
              const sentence = 'standard output is closed; start the gateway again with a reader';
              reject(new DeliveryError(sentence, { kind: 'never-like-this', cause: error }));
            }
          });
        });
      },
      commit: async () => {},
      abort: () => {},
    }),
    close: async () => {},
  };
}
