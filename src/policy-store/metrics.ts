import type { Observatory } from '../observe/observatory.ts';
import type { PolicyStore, StoreState } from './store.ts';

/**
 * What there is to measure of a policy in a database; docs/metrics.md.
 *
 * @param store undefined where policies are files: then nothing is told
 */
export function addStoreMetrics(
  observe: Pick<Observatory, 'gauge'>,
  store: Pick<PolicyStore, 'state'> | undefined,
): void {
  const gauge = (name: string, help: string, of: (state: StoreState) => number | null): void =>
    observe.gauge({ name: `quaywarden_policy_store_${name}`, help }, () => {
      const value = store === undefined ? null : of(store.state());
      return value === null ? [] : [{ value }];
    });
  gauge(
    'connected',
    'Whether the database that keeps the policy is there (1); while it is not (0), the policy in force goes on.',
    ({ connected }) => (connected ? 1 : 0),
  );
  gauge(
    'version',
    'The number that the database gave the policy which is in force.',
    ({ version }) => version,
  );
  gauge('last_contact_timestamp_seconds', 'When the database answered last.', ({ lastContact }) =>
    lastContact === null ? null : Date.parse(lastContact) / 1_000,
  );
}
