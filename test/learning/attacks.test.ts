import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKS } from '../../src/policy/checks/all.ts';
import { parseProfiles } from '../../src/policy/profiles.ts';
import { RecordedRequests } from '../../src/workbench/recorded.ts';
import { Suggestions } from '../../src/workbench/suggest/suggest.ts';
import { grantsText, profilesText } from '../../src/workbench/suggest/write.ts';
import { CASES } from '../attack/cases/all.ts';
import { type Case, isForwarded } from '../attack/corpus/case.ts';
import { observe } from '../attack/corpus/observe.ts';
import { openForCorpus } from '../attack/corpus/persona.ts';
import { type FrontDoor, http, json } from '../support/front-door.ts';

// What is learned of a developer's day is no way for the attacks of the corpus. QUAYWARDEN_ALL_ATTEMPTS=1 makes all attempts
// of each case; else it is the first.

const WHOLE = process.env['QUAYWARDEN_ALL_ATTEMPTS'] === '1';
const WHO = ['alice', 'ann', 'bob', 'viewer', 'rita', 'sam', 'una'] as const;

const DAY = [
  http('GET /_ping'),
  http('GET /v1.41/info'),
  http('GET /v1.41/containers/json?all=1'),
  http('POST /v1.41/images/create?fromImage=alpine&tag=latest'),
  http('GET /v1.41/images/alpine/json'),
  http('GET /v1.41/images/json'),
  json('POST /v1.41/networks/create', '{"Name":"front","Driver":"bridge"}'),
  json('POST /v1.41/volumes/create', '{"Name":"data"}'),
  json(
    'POST /v1.41/containers/create?name=web',
    '{"Image":"alpine","Cmd":["sleep","9"],"Env":["A=b"],"HostConfig":{"Binds":["data:/data"],"NetworkMode":"front","PortBindings":{"80/tcp":[{"HostPort":"8080"}]}}}',
  ),
  json('POST /v1.41/containers/create', '{"Image":"alpine","HostConfig":{"AutoRemove":true}}'),
  http('POST /v1.41/containers/web/start'),
  http('GET /v1.41/containers/web/json'),
  http('GET /v1.41/containers/web/logs?stdout=1'),
  json('POST /v1.41/containers/web/exec', '{"Cmd":["id"],"AttachStdout":true}'),
  json('POST /v1.41/exec/cafe/start', '{}', 'Connection: Upgrade', 'Upgrade: tcp'),
  http('POST /v1.41/containers/web/stop?t=1'),
  http('DELETE /v1.41/containers/web?force=1'),
  http('DELETE /v1.41/networks/front'),
  http('DELETE /v1.41/volumes/data'),
];

let door: FrontDoor;
beforeAll(async () => {
  const learned = await learn();
  door = await openForCorpus({
    prepare: (dir) => {
      writeFileSync(`${dir}/policies/grants.csv`, learned.grants);
      const path = `${dir}/policies/profiles.yaml`;
      writeFileSync(path, `${readFileSync(path, 'utf8')}\n${learned.profiles}`);
    },
  });
}, 180_000);
afterAll(() => door?.close());

async function passes(to: FrontDoor, bytes: string, who: string): Promise<void> {
  const { status, body } = await to.ask(bytes, who);
  expect([bytes.split(' HTTP')[0], status < 300 ? '' : body]).toEqual([expect.anything(), '']);
}

/** The policy that is suggested after everybody's day in observe mode, without any grants but the operator's. */
async function learn(): Promise<{ readonly grants: string; readonly profiles: string }> {
  const watching = await openForCorpus({
    config: { policy: { mode: 'observe' } },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, 'p, role:operator, **, *, true, allow\n'),
  });
  try {
    for (const who of WHO) for (const bytes of DAY) await passes(watching, bytes, who);
    await watching.records();
    const path = `${watching.gateway.dir}/policies/profiles.yaml`;
    const { profiles } = parseProfiles(path, readFileSync(path, 'utf8'), CHECKS);
    const suggestions = new Suggestions({ by: 'principal', profiles, tenants: false });
    const requests = new RecordedRequests(false);
    for (const line of watching.gateway.auditRecords()) {
      const read = requests.push(line);
      if (read !== undefined) suggestions.add(read);
    }
    const lines = suggestions.lines();
    const heading = { at: '', period: '', leftOut: suggestions.leftOut };
    return { grants: grantsText(lines, heading), profiles: profilesText(lines, profiles) };
  } finally {
    await watching.close();
  }
}

/** Attacks by people who have a policy of their own to get around. */
const ATTACKS: readonly Case[] = CASES.filter(
  ({ tenants, drive, as = 'alice', verdicts }) =>
    tenants === undefined &&
    drive === undefined &&
    as !== 'admin' &&
    as !== null &&
    !verdicts.some(isForwarded),
);

it('of the attacks of the corpus, at least 95 % are refused', async () => {
  let tried = 0;
  const passed: string[] = [];
  let ofPolicy = 0;
  for (const each of ATTACKS) {
    for (const attempt of WHOLE ? each.attempts : each.attempts.slice(0, 1)) {
      const { received, records } = await observe(door, each, attempt);
      tried += 1;
      const isRefused = received.length === 0 && records.every(({ decision }) => decision.effect === 'deny');
      if (!isRefused) passed.push(`${each.id} ${attempt.name} ${records[0]?.request.operation}`);
      if (records[0]?.decision.policyVersion != null) ofPolicy += 1;
    }
  }
  process.stderr.write(
    `${tried} attempts of ${ATTACKS.length} cases, ${ofPolicy} judged by the policy; refused ${(((tried - passed.length) / tried) * 100).toFixed(1)} %\n${passed.join('\n')}\n`,
  );
  expect(passed.length / tried).toBeLessThanOrEqual(0.05);
}, 280_000);

// After the attacks, whose records are counted from the first on.
it('the day itself passes', async () => {
  for (const bytes of DAY) await passes(door, bytes, 'alice');
  await door.records();
}, 90_000);
