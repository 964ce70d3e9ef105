import { describe, expect, it } from 'vitest';
import { GENESIS, link } from '../../../src/audit/chain.ts';
import { compileFilter } from '../../../src/audit/query/filter.ts';
import { mayTell, Names } from '../../../src/audit/query/names.ts';
import { type AuditEntry, auditLine, type RequestLine } from '../../../src/audit/record.ts';
import { type Sample, sample } from '../../support/sample-log.ts';

const ID = `0123456789ab${'c'.repeat(52)}`;
const EXEC = `eeee56789abc${'d'.repeat(52)}`;

function written(entry: AuditEntry): string {
  return link(entry, {
    time: '2026-11-26T14:00:00.000000000Z',
    sequence: 7,
    gateway: 'gw-1',
    previous: GENESIS.hash,
  }).line;
}
const lineOf = (of: Sample): RequestLine => auditLine.parse(JSON.parse(written(sample(of)))) as RequestLine;

/** Records without tenants: a resource is what the request names, and its id what was made. */
const of = (operation: string, resource: Sample['resource'], more: Sample = {}): RequestLine =>
  lineOf({ operation, tenant: '-', resource: { id: null, ...resource }, ...more });
const byId = (operation: string): RequestLine => of(operation, { name: ID, id: ID });
const created = of('ContainerCreate', { name: 'web', id: ID }, { stage: 'complete', status: 201 });
const madeExec = of('ContainerExec', { name: ID, id: EXEC }, { stage: 'complete', status: 201 });
const session = {
  id: 's',
  kind: 'exec' as const,
  container: ID,
  command: ['sh'],
  user: '',
  tty: true,
  recording: null,
};
const started = of('ExecStart', { kind: 'exec', name: EXEC }, { session });

/** Which of the records a pattern finds, read one after the other. */
function found(pattern: string, ...lines: readonly RequestLine[]): (string | null)[] {
  const filter = compileFilter({ resource: pattern }, 0);
  return lines.filter((line) => filter.matches(line)).map(({ request }) => request.operation);
}

describe('a resource that is asked for', () => {
  it('is found by its name where requests name its id', () => {
    const lines = [created, byId('ContainerStop'), byId('ContainerWait'), byId('ContainerLogs'), started];
    const all = ['ContainerCreate', 'ContainerStop', 'ContainerWait', 'ContainerLogs', 'ExecStart'];
    expect(found('container/-/web', ...lines)).toEqual(all);
    expect(found('container/-/w*', ...lines)).toEqual(all);
    expect(found('container/-/db', ...lines)).toEqual([]);
  });

  it('is found by its id, and by the beginning that the table shows', () => {
    for (const id of [ID, ID.slice(0, 12), ID.slice(0, 20)]) {
      const lines = [created, of('ContainerStart', { name: 'web' }), byId('ContainerStop'), started];
      expect(found(`container/-/${id}`, ...lines), id).toEqual([
        'ContainerCreate',
        'ContainerStart',
        'ContainerStop',
        'ExecStart',
      ]);
    }
    expect(found(`container/-/${ID.slice(0, 11)}`, byId('ContainerStop'))).toEqual([]);
    expect(found(`container/team-a/${'c'.repeat(64)}`, lineOf({}))).toEqual(['ContainerStop']);
  });

  it('is found where requests name the beginning of its id', () => {
    const short = of('ContainerStop', { name: ID.slice(0, 12) });
    expect(found('container/-/web', created, short)).toEqual(['ContainerCreate', 'ContainerStop']);
    expect(found(`container/-/${ID}`, created, short)).toEqual(['ContainerCreate', 'ContainerStop']);
  });

  it('is found by what is run in it', () => {
    const looked = of('ExecInspect', { kind: 'exec', name: EXEC, id: EXEC });
    expect(found('container/-/web', created, madeExec, looked)).toEqual([
      'ContainerCreate',
      'ContainerExec',
      'ExecInspect',
    ]);
    expect(found('container/-/web', created, started, looked)).toContain('ExecInspect');
    // The id in the record of its end is that of the exec, and no container's.
    expect(found(`container/-/${EXEC}`, madeExec)).toEqual([]);
    expect(found(`exec/-/${EXEC.slice(0, 12)}`, madeExec, started)).toEqual(['ContainerExec', 'ExecStart']);
  });

  it('is found among further objects', () => {
    const connect = of('NetworkConnect', { kind: 'network', name: 'n' }, { involves: [`container/-/${ID}`] });
    expect(found('container/-/web', created, connect)).toEqual(['ContainerCreate', 'NetworkConnect']);
  });

  it('is known from requests that are not asked for themselves', () => {
    const filter = compileFilter({ resource: 'container/-/web', operation: 'ContainerStop' }, 0);
    expect([created, byId('ContainerStop')].map((line) => filter.matches(line))).toEqual([false, true]);
  });

  it('is not taken for another that has its name later', () => {
    const other = `ffff56789abc${'0'.repeat(52)}`;
    const again = of('ContainerCreate', { name: 'web', id: other }, { stage: 'complete', status: 201 });
    const asked = of('ContainerCreate', { name: 'web' });
    expect(found(`container/-/${ID}`, created, asked, again, of('ContainerStop', { name: 'web' }))).toEqual([
      'ContainerCreate',
    ]);
  });
});

describe('names and ids', () => {
  it('are remembered in bounded memory, those spoken of last', () => {
    const names = new Names(2);
    const id = (n: number): string => String(n).repeat(64);
    const make = (n: number): RequestLine =>
      of('ContainerCreate', { name: `c${n}`, id: id(n) }, { stage: 'complete', status: 201 });
    names.learn(make(1));
    names.learn(make(2));
    expect(names.nameOf('container', id(1))).toBe('c1');
    names.learn(make(3));
    expect([1, 2, 3].map((n) => names.nameOf('container', id(n)))).toEqual(['c1', null, 'c3']);
  });

  it('are told by records that can be told from others unparsed', () => {
    const tells = (operation: string): boolean => mayTell(Buffer.from(written(sample({ operation }))));
    expect(['ContainerCreate', 'ContainerExec', 'ExecStart', 'ContainerList'].map(tells)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
