import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { version } from '../../version.ts';
import { endOf } from '../reader.ts';
import type { Delivery } from './delivery.ts';
import { Feeder, type SinkState } from './feeder.ts';
import { toMessage } from './message.ts';
import { otlpDelivery } from './otlp.ts';
import { Place } from './place.ts';
import { stdoutDelivery } from './stdout.ts';
import { syslogDelivery } from './syslog.ts';

export type { SinkState } from './feeder.ts';

type Sink = Config['audit']['sinks'][number];

export interface Sinks {
  /** Of each sink, in the order of the configuration. */
  state(): SinkState[];
  /** Sends what the log still holds, for a few seconds at most. The log must be closed before. */
  close(): Promise<void>;
}

/** How often one looks how far the log has come, in milliseconds: for the lag that is shown. */
const LOOK_MS = 2_000;
/** How long one connection to a syslog receiver is written to, in milliseconds. */
const SESSION_MS = 1_000;
/** How long a stop waits for receivers, in milliseconds. */
const CLOSE_MS = 3_000;

/**
 * Begins to send the log to where the configuration says.
 *
 * @throws ConfigError when a file of a sink can not be read
 */
export function startSinks(
  { folder, sinks }: Pick<Config['audit'], 'folder' | 'sinks'>,
  log: Pick<Logger, 'info' | 'warn' | 'error'>,
): Sinks {
  const prepared = sinks.map((sink) => ({
    name: sink.name,
    type: sink.type,
    begin: sink.begin,
    delivery: deliveryOf(sink, version()),
    place: new Place(folder, sink.name),
    folder,
    log,
  }));
  const feeders = prepared.map((options) => new Feeder(options));
  const look = async (): Promise<void> => {
    const end = await endOf(folder).catch(() => undefined);
    if (end !== undefined) for (const feeder of feeders) feeder.logEndsAt(end.sequence);
  };
  const timer = feeders.length === 0 ? undefined : setInterval(look, LOOK_MS).unref();
  return {
    state: () => feeders.map((feeder) => feeder.state()),
    close: async () => {
      clearInterval(timer);
      await Promise.all(feeders.map((feeder) => feeder.close(CLOSE_MS)));
    },
  };
}

function deliveryOf(sink: Sink, own: string): Delivery {
  const message = toMessage(sink.format, own);
  switch (sink.type) {
    case 'stdout':
      return stdoutDelivery(message);
    case 'syslog': {
      const { hostname: host, port } = new URL(sink.address.replace(/^t(cp|ls):/, 'http:'));
      return syslogDelivery(
        {
          host: host.replace(/^\[|\]$/g, ''),
          port: Number(port || 80),
          tls: sink.address.startsWith('tls:') ? filesOf(sink) : undefined,
          hostname: hostname(),
          facility: sink.facility,
          maxMessageBytes: sink.maxMessageBytes,
          closeMs: sink.closeSeconds * 1_000,
          sessionMs: SESSION_MS,
        },
        message,
      );
    }
    case 'otlp':
      return otlpDelivery(
        {
          url: sink.url,
          headers: sink.headers,
          timeoutMs: sink.timeoutSeconds * 1_000,
          tls: filesOf(sink),
          version: own,
        },
        message,
      );
  }
}

function filesOf(sink: Exclude<Sink, { type: 'stdout' }>): {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  servername?: string;
} {
  const { ca, certificate, key, serverName } = sink;
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      throw new ConfigError([`audit sink ${sink.name}: ${path} can not be read (${code})`]);
    }
  };
  return {
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(certificate === undefined ? {} : { cert: read(certificate) }),
    ...(key === undefined ? {} : { key: read(key) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
