import { expect } from 'vitest';
import type { Gateway } from '../support/gateway.ts';

/**
 * What must hold of the records after any amount of real traffic: every decision has its one end, all is laid to
 * the principal that called, nothing was refused, and the gateway's own log tells of no error.
 */
export function holdAccounts(
  gateway: Pick<Gateway, 'auditRecords' | 'log'>,
  principal: { name: string; method: string },
): void {
  // A CLI that ends may break its connection in the middle of its next request: nobody is there to be told, and the
  // record of that has no address.
  const records = gateway.auditRecords().filter(({ client }) => client.port !== 0);
  const of = (stage: string) => records.filter((record) => record.stage === stage);
  const completed = new Set(of('complete').map(({ id }) => id));
  expect(
    of('decision').filter(({ id }) => !completed.has(id)),
    'decided, and never completed',
  ).toEqual([]);
  expect(completed.size).toBe(of('complete').length);
  expect(of('complete').length).toBe(of('decision').length);
  expect(of('refused')).toEqual([]);
  const callers = new Set(records.map((record) => `${record.principal?.name} ${record.principal?.method}`));
  expect([...callers]).toEqual([`${principal.name} ${principal.method}`]);
  expect(
    gateway
      .log()
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line)),
  ).toEqual([]);
}
