import { describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { findOperation } from '../../src/docker/operations.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { CEILING, FLOOR } from '../../src/docker/versions.ts';
import type { Recorded } from '../../src/workbench/recorded.ts';
import { type Suggestion, Suggestions } from '../../src/workbench/suggest/suggest.ts';
import { grantsText } from '../../src/workbench/suggest/write.ts';
import { VOCABULARY } from '../policy/support.ts';

/** A `ContainerCreate` that was forwarded, and what the Engine answered. */
function created(HostConfig: object, status = 201): Recorded {
  const api = parseRequest(
    { method: 'POST', target: '/containers/create?name=web' },
    { floor: FLOOR, ceiling: CEILING, engine: CEILING },
  );
  const body = Buffer.from(JSON.stringify({ Image: 'busybox:1', HostConfig }));
  const operation = findOperation('ContainerCreate');
  if (operation === undefined) throw new Error('no such operation');
  return {
    id: 'x',
    time: '2026-11-27T00:00:00.000Z',
    principal: { name: 'app', tenant: 'default', roles: [], method: 'certificate' },
    ...{ operation, version: CEILING, resources: ['container/-/web'], isNamed: true, query: {} },
    engine: 'default',
    ...{ statedReason: undefined, untold: new Set<string>(), body: undefined, isChanged: false },
    facts: factsOf(api, readContent(api, body).value),
    ...{ effect: 'allow', reason: 'granted', isObserved: false, status },
    line: {} as Recorded['line'],
  } as Recorded;
}

function suggested(...all: Recorded[]): { readonly lines: readonly Suggestion[]; readonly granted: string } {
  const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
  for (const each of all) suggestions.add(each);
  const lines = suggestions.lines();
  const text = grantsText(lines, { at: '', period: '', leftOut: suggestions.leftOut });
  return { lines, granted: text.replace(/^#.*$/gm, '').trim() };
}

const many = (count: number): number[] => [...Array(count).keys()];

describe('policy suggest, where a grant leaves a check out', () => {
  it('names what is allowed in its stead', () => {
    expect(suggested(created({ Binds: ['/srv/app:/x'] })).granted).toContain("hostPathsWithin('/srv/app')");
  });

  it.each([
    ['more paths than a grant names', many(21).map((n) => created({ Binds: [`/srv/job${n}:/x`] }))],
    [
      'more capabilities than a grant names',
      [
        ...['NET_ADMIN', 'NET_RAW', 'NET_BROADCAST', 'SYS_NICE', 'IPC_LOCK', 'LEASE', 'WAKE_ALARM'],
        ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'SETFCAP'],
        ...['NET_BIND_SERVICE', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT', 'SYS_TTY_CONFIG'],
      ].map((name) => created({ CapAdd: [name] })),
    ],
    [
      'more devices than a grant names',
      many(21).map((n) =>
        created({
          Devices: [{ PathOnHost: `/dev/snd/c${n}`, PathInContainer: '/dev/x', CgroupPermissions: 'r' }],
        }),
      ),
    ],
    ['a device whose I/O is limited', [created({ BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1000 }] })]],
  ])('grants nothing for %s', (_, all) => {
    const { lines, granted } = suggested(...all);
    expect(granted).toBe('');
    expect(lines.map(({ danger }) => danger)).toEqual([expect.any(String)]);
  });

  it.each(['/srv/x/docker.sock', '/home', '/home/alice/.ssh', '/var/lib/dpkg/info', '/var/lib/containers'])(
    'does not grant %s, which is a way to the host',
    (path) => {
      expect(suggested(created({ Binds: [`${path}:/x:ro`] })).granted).toBe('');
    },
  );
});
