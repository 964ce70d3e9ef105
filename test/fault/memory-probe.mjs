// Preloaded into a gateway under test (metered.ts): at SIGUSR2 it collects all garbage and says what is left.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', async () => {
  // What a collection frees may let go of more in its finalizers, and code is thrown away after several only.
  for (let round = 0; round < 12; round += 1) {
    collect();
    await sleep(10);
  }
  process.stderr.write(`memory-probe ${JSON.stringify(process.memoryUsage())}\n`);
});
