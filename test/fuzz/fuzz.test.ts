import { expect, inject, it } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { fuzz } from './fuzz.ts';

it('bodies of all kinds: what is created is within baseline, what is refused is not', {
  timeout: 240_000,
}, async () => {
  const { socket } = inject('engine');
  const gateway = await startGateway({ engineSocket: socket });
  const report = await fuzz({ gateway, socket, seed: 20_261_121, count: 600, seconds: 150 });
  expect((await gateway.stop()).code, gateway.log()).toBe(0);
  expect(report.findings).toEqual([]);
  // That many at least, or the run shows nothing.
  expect(report.created).toBeGreaterThan(30);
  expect(Object.keys(report.refused).length).toBeGreaterThan(15);
});
