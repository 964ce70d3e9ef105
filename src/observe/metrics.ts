import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';

/** One value of a metric, and the labels it goes with. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a histogram has counted for one set of labels. */
export interface HistogramSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: Histogram;
}

/** Reads what there is to tell now. */
export type Read<S> = () => Iterable<S> | Promise<Iterable<S>>;

/** What every metric is called, and what it tells. */
export interface Named {
  /** `quaywarden_...`; of a counter with `_total` at its end. */
  readonly name: string;
  readonly help: string;
  /** Names of its labels. */
  readonly labels?: readonly string[];
}

/**
 * The gateway's metrics, in the text format of Prometheus. Nothing is kept here: whoever has something to tell counts it
 * in numbers of its own, which are read when somebody asks, so that a request costs no look-up by labels.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #log: Pick<Logger, 'warn'>;
  #answer: Promise<string> | undefined;

  /** @param labels what every sample carries */
  constructor(log: Pick<Logger, 'warn'>, labels: Readonly<Record<string, string>> = {}) {
    this.#log = log;
    this.#registry.setDefaultLabels(labels);
  }

  /** Adds what goes up and down. Labels may hold only what is bounded: nothing that a client chooses. */
  gauge(named: Named, read: Read<Sample>): void {
    const tell = this.#teller(named);
    new Gauge({
      ...optionsOf(named),
      registers: [this.#registry],
      async collect() {
        this.reset();
        await tell(async () => {
          for (const { labels = {}, value } of await read()) this.set(labels, value);
        });
      },
    });
  }

  /** Adds what only goes up. */
  counter(named: Named, read: Read<Sample>): void {
    const tell = this.#teller(named);
    new Counter({
      ...optionsOf(named),
      registers: [this.#registry],
      async collect() {
        this.reset();
        await tell(async () => {
          for (const { labels = {}, value } of await read()) this.inc(labels, value);
        });
      },
    });
  }

  /** Adds a distribution. prom-client's own looks its labels up at each observation. */
  histogram(named: Named, read: Read<HistogramSample>): void {
    const { name, help } = named;
    const tell = this.#teller(named);
    const get = async (): Promise<object> => {
      const values: object[] = [];
      await tell(async () => {
        for (const sample of await read()) values.push(...linesOf(name, sample));
      });
      return { name, help, type: 'histogram', aggregator: 'sum', values };
    };
    this.#registry.registerMetric({ name, get } as unknown as Metric);
  }

  /** Adds what Node tells of the process: memory, processor time, the event loop, files. */
  process(): void {
    collectDefaultMetrics({ register: this.#registry });
    // To count these, all sockets are walked over, and the sums have names of counters, which promtool does not let pass.
    for (const of of ['handles', 'requests', 'resources']) {
      this.#registry.removeSingleMetric(`nodejs_active_${of}`);
      this.#registry.removeSingleMetric(`nodejs_active_${of}_total`);
    }
  }

  /** One part that can not tell must not keep the others from being told. */
  #teller({ name }: Named): (tell: () => Promise<void>) => Promise<void> {
    return async (tell) => {
      try {
        await tell();
      } catch (error) {
        this.#log.warn({ err: error, metric: name }, 'a metric could not be read');
      }
    };
  }

  /** All of them, in the text format 0.0.4. Who asks while it is being made gets the same. */
  text(): Promise<string> {
    this.#answer ??= this.#registry.metrics().finally(() => {
      this.#answer = undefined;
    });
    return this.#answer;
  }
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A distribution of seconds. */
export class Histogram {
  /** Upper bounds, in seconds. */
  readonly bounds: readonly number[];
  /** How many lay at or below each bound and above the one before it; at last, how many lay above all. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] as number)) at += 1;
    counts[at] = (counts[at] as number) + 1;
    this.sum += seconds;
  }
}

function optionsOf({ name, help, labels = [] }: Named): { name: string; help: string; labelNames: string[] } {
  return { name, help, labelNames: [...labels] };
}

function linesOf(name: string, { labels, histogram }: HistogramSample): object[] {
  const lines: object[] = [];
  let count = 0;
  histogram.counts.forEach((more, at) => {
    count += more;
    const le = histogram.bounds[at] ?? '+Inf';
    lines.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count });
  });
  lines.push({ metricName: `${name}_sum`, labels, value: histogram.sum });
  lines.push({ metricName: `${name}_count`, labels, value: count });
  return lines;
}
