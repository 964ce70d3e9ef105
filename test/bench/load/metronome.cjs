// A thread that tells the load generator when each request of an open loop is due. Timers of an event loop are late by a
// millisecond and more; a wait of a thread of its own is exact to some tens of microseconds.
// JavaScript, because tsx does not load TypeScript in a thread.
const { parentPort, workerData } = require('node:worker_threads');

const { intervalNs, count } = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));
// The monotonic clock is the same in all threads.
const startNs = process.hrtime.bigint() + 10_000_000n;
parentPort.postMessage(startNs);
for (let beat = 0; beat < count; beat += 1) {
  const due = startNs + BigInt(beat) * intervalNs;
  for (let left = due - process.hrtime.bigint(); left > 0n; left = due - process.hrtime.bigint())
    Atomics.wait(never, 0, 0, Number(left) / 1e6);
  parentPort.postMessage(beat);
}
