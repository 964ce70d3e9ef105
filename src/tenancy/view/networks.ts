import type { Sight } from '../sight.ts';
import { judgeAll } from './judge.ts';
import { relisted, seenElements } from './lists.ts';
import { checked, endOf, isNull, membersOf, rewriteMembers, writeObject } from './raw-json.ts';
import type { JsonView } from './types.ts';

/**
 * What a network says of itself (api/types/network, Network). Of what it says of others, only its containers can be
 * judged: `Services` has names without ids, `Peers` are nodes, `Status` counts everybody's addresses.
 */
const OWN = new Set(
  [
    'Name Id Created Scope Driver EnableIPv4 EnableIPv6 IPAM Internal Attachable Ingress ConfigFrom ConfigOnly',
    'Options Labels',
  ].flatMap((line) => line.split(' ')),
);

/** Names of endpoints that are no containers: `lb-NETWORK`, `ep-ID`, `ingress-sbox`. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;

export const NETWORK_INSPECT: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (seesMembers(sight)) return body;
    return (await networkEntry(checked(body), sight)) + endOf(body);
  },
};

/** Below API 1.28 a list shows what an inspection does. */
export const NETWORK_LIST: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('network') && seesMembers(sight)) return body;
    const seen = await seenElements('network', body, sight);
    const entries = await judgeAll(seen, ({ raw }) => networkEntry(raw, sight));
    return relisted(body, entries);
  },
};

/** Whether all that a network tells of others may be seen. */
function seesMembers(sight: Sight): boolean {
  return sight.all('container') && sight.all('service') && sight.all('task') && sight.all('engine');
}

async function networkEntry(raw: string, sight: Sight): Promise<string> {
  if (seesMembers(sight)) return raw;
  const edits = new Map([['Containers', (containers: string) => seenEndpoints(containers, sight)]]);
  for (const name of OWN) edits.set(name, async (own) => own);
  return rewriteMembers(raw, edits, () => undefined);
}

async function seenEndpoints(containers: string, sight: Sight): Promise<string> {
  if (isNull(containers)) return containers;
  const members = membersOf(containers);
  const seen = await judgeAll(
    members,
    async ({ key }) => CONTAINER_ID.test(key) && (await sight.seesById('container', key)),
  );
  return writeObject(members.filter((_, index) => seen[index]));
}
