import { activityOf } from '../ocsf.ts';
import { span } from '../query/table.ts';
import type { Counts } from './counts.ts';
import type { Block, Document } from './document.ts';
import {
  type ChainSummary,
  type Change,
  type OperationCount,
  policyEnd,
  type Refused,
  type SessionEntry,
  type Stated,
  type Summary,
} from './summary.ts';
import { wordsFor } from './words.ts';

/** Whether a chain of the log is what was written, as the report says it. */
export interface Verification {
  readonly isGood: boolean;
  readonly sentence: string;
}

/** What a report is made of besides the log. */
export interface Making {
  /** When it was made, RFC 3339. */
  readonly now: string;
  /** Of this program. */
  readonly version: string;
  /** Of each chain. */
  readonly verifications: readonly Verification[];
}

/** Tells an auditor of a period, in words for readers who do not know Docker. */
export function makeReport(summary: Summary, making: Making): Document {
  const { since, until } = summary;
  const isEarly = until !== undefined && Date.parse(making.now) < Date.parse(until);
  return {
    title: 'Who did what on this Docker Engine',
    blocks: [
      paragraph(
        'A Docker Engine runs programs in containers: closed boxes that are made of images. Whoever uses this Engine goes through a gateway, Quaywarden, which knows who asks, decides by a policy whether that is allowed, and writes both down before it happens. This report is made of that log. Times are UTC.',
      ),
      {
        type: 'facts',
        facts: [
          [
            'Period',
            `${since === undefined ? 'the beginning of the log' : date(since)} to ${until === undefined ? 'its end' : date(until)}`,
          ],
          gateways(summary),
          ['Report made', `${date(making.now)}, by Quaywarden ${making.version}`],
          ...proof(summary),
        ],
      },
      ...making.verifications.map(
        ({ isGood, sentence }): Block => ({
          type: 'paragraph',
          text: sentence,
          tone: isGood ? 'good' : 'bad',
        }),
      ),
      ...more(summary.chains, 'records of further gateways'),
      ...(isEarly
        ? [
            paragraph(
              `This report was made before its period ends: what happens from ${date(making.now)} to ${date(until)} is not in it.`,
            ),
          ]
        : []),
      ...(summary.lines === 0
        ? [paragraph('The log has no record of this period.')]
        : [
            ...atAGlance(summary),
            ...whoDidWhat(summary),
            ...changes(summary.changes),
            ...refusals(summary.refusals),
            ...observed(summary.observed),
            ...stated(summary.stated),
            ...sessions(summary.sessions),
            ...policies(summary),
            ...events(summary),
            ...tie(summary),
          ]),
    ],
  };
}

function gateways({ chains }: Summary): [string, string] {
  const names = chains.values().map(({ gateway }) => gateway);
  return [names.length > 1 ? 'Gateways' : 'Gateway', names.join(', ') || '-'];
}

function proof({ chains }: Summary): [string, string][] {
  const all = chains.values();
  if (all.length === 0) return [['Records', 'none']];
  return all.flatMap(({ gateway, first, last }): [string, string][] => {
    const of = all.length > 1 ? ` of ${gateway}` : '';
    return [
      [`First record${of}`, `number ${first.sequence}, ${date(first.time)}`],
      [`Last record${of}`, `number ${last.sequence}, ${date(last.time)}`],
      [`Hash of the last record${of}`, last.hash],
    ];
  });
}

function atAGlance(summary: Summary): Block[] {
  const { principals, nameless, sessions: streams, changes: changed, events: happened } = summary;
  const all = principals.values();
  const allowed = all.reduce((sum, each) => sum + each.allowed, nameless.allowed);
  const refused = all.reduce((sum, each) => sum + each.refused, nameless.refused);
  const done = changed.values().reduce((sum, { count }) => sum + count, 0);
  const lost = happened.filter(({ kind }) => kind === 'gap').length;
  const crashed = happened.filter(({ kind }) => kind === 'crash').length;
  return [
    heading('At a glance'),
    {
      type: 'facts',
      facts: [
        ['Users and programs', atLeast(all.length, principals)],
        ['Requests allowed', atLeast(allowed, principals)],
        ['Requests refused', atLeast(refused, principals)],
        ['Requests of which nobody could be named', String(nameless.allowed + nameless.refused)],
        [
          'Requests allowed although the policy refuses them, as it was only observed',
          total(summary.observed),
        ],
        ['Things created, changed or deleted', atLeast(done, changed)],
        ['Sessions in containers', atLeast(streams.values().length, streams)],
        ['Times that records were lost', String(lost)],
        ['Times that the gateway ended without saying so', String(crashed)],
      ],
    },
  ];
}

function whoDidWhat({ principals, nameless, operations }: Summary): Block[] {
  const byCount = (a: OperationCount, b: OperationCount): number =>
    b.allowed + b.refused - a.allowed - a.refused;
  return [
    heading('Who used the Engine'),
    table(
      ['Who', 'Tenant', 'Roles', 'Allowed', 'Refused', 'First request', 'Last request'],
      principals
        .values()
        .map(({ principal, tenant, roles, allowed, refused, first, last }) => [
          principal,
          tenant,
          [...roles].join(', ') || '-',
          String(allowed),
          String(refused),
          date(first),
          date(last),
        ]),
    ),
    ...more(principals, 'requests of others'),
    ...(nameless.allowed + nameless.refused === 0
      ? []
      : [
          paragraph(
            `Besides, there were requests of which nobody could be named: ${nameless.allowed} allowed, ${nameless.refused} refused.`,
          ),
        ]),
    heading('What they asked for'),
    table(
      ['Who', 'What', 'Operation', 'Allowed', 'Refused'],
      operations
        .values()
        .sort(byCount)
        .map(({ principal, operation, allowed, refused }) => [
          principal,
          wordsFor(operation),
          operation,
          String(allowed),
          String(refused),
        ]),
    ),
    ...more(operations, 'further requests'),
  ];
}

function changes(counts: Counts<Change>): Block[] {
  const rows = counts
    .values()
    .map(({ principal, operation, resource, count, failed, lost, first, last }) => [
      principal,
      wordsFor(operation),
      resource,
      String(count),
      lost === 0 ? String(failed) : `${failed}, ${lost} lost`,
      period(first, last),
    ]);
  return [
    heading('Who changed what'),
    paragraph(
      'What was created, changed or deleted. Failed are those that the gateway allowed and the Engine did not do, or did not finish; lost are those of which the log has no end, as the gateway crashed before.',
    ),
    ...(rows.length === 0
      ? [paragraph('Nothing.')]
      : [table(['Who', 'What', 'Of what', 'Times', 'Failed', 'When'], rows)]),
    ...more(counts, 'further changes'),
  ];
}

function refusals(counts: Counts<Refused>): Block[] {
  const rows = counts
    .values()
    .sort((a, b) => b.count - a.count)
    .map(({ principal, reason, operations, count, first, last, message }) => [
      principal,
      reason,
      deeds(operations),
      String(count),
      period(first, last),
      message,
    ]);
  return [
    heading('What was refused'),
    ...(rows.length === 0
      ? [paragraph('Nothing.')]
      : [table(['Who', 'Reason', 'What', 'Times', 'When', 'What the user was told, the last time'], rows)]),
    ...more(counts, 'further refusals'),
  ];
}

function observed(counts: Counts<Refused>): Block[] {
  if (counts.values().length === 0) return [];
  return [
    heading('What was allowed although the policy refuses it'),
    paragraph(
      'For some time the policy was only tried out, for everybody or for some: what it refuses was written down and allowed all the same.',
    ),
    table(
      ['Who', 'Reason', 'What', 'Times', 'When'],
      counts
        .values()
        .sort((a, b) => b.count - a.count)
        .map(({ principal, reason, operations, count, first, last }) => [
          principal,
          reason,
          deeds(operations),
          String(count),
          period(first, last),
        ]),
    ),
    ...more(counts, 'further ones'),
  ];
}

function stated(counts: Counts<Stated>): Block[] {
  if (counts.values().length === 0) return [];
  return [
    heading('Reasons that users stated'),
    paragraph('Some rights are granted only to those who say what they need them for.'),
    table(
      ['Who', 'Reason stated', 'What', 'Allowed', 'Refused', 'When'],
      counts
        .values()
        .map(({ principal, reason, operations, allowed, refused, first, last }) => [
          principal,
          reason,
          deeds(operations),
          String(allowed),
          String(refused),
          period(first, last),
        ]),
    ),
    ...more(counts, 'further ones'),
  ];
}

function sessions(counts: Counts<SessionEntry>): Block[] {
  const rows = counts
    .values()
    .map(({ principal, id, where, from, session, end, isLost }) => [
      principal,
      session.kind,
      where,
      session.command === null ? '-' : session.command.map(quoted).join(' '),
      session.user === null || session.user === '' ? '(as the image says)' : session.user,
      date(from),
      end === undefined
        ? isLost
          ? 'lost: the gateway crashed'
          : 'open'
        : `${span(Date.parse(end.time) - Date.parse(from))}, ${end.ending}`,
      recordingOf(session),
      id,
    ]);
  return [
    heading('Sessions in containers'),
    paragraph(
      'Whoever opens a session types into a container or reads along: exec runs a command in it, attach connects to what runs in it, build is the builder of images. What was typed after that is in the recording, if there is one; its SHA-256 proves which file that is.',
    ),
    ...(rows.length === 0
      ? [paragraph('None.')]
      : [
          table(
            ['Who', 'Kind', 'Where', 'Command', 'As', 'Began', 'Lasted, ended by', 'Recording', 'Session'],
            rows,
          ),
        ]),
    ...more(counts, 'further records of sessions'),
  ];
}

function recordingOf({ recording }: SessionEntry['session']): string {
  if (recording === null) return 'none';
  const failed = recording.failed ? ', broken off' : '';
  return `${recording.file}${failed}, SHA-256 ${recording.sha256 ?? 'not known'}`;
}

function policies(summary: Summary): Block[] {
  const { policies: inForce } = summary;
  const areSeveral = haveSeveral(summary);
  return [
    heading('Policies in force'),
    paragraph('The policy says who may do what. Each version is named by a digest of its files.'),
    inForce.length === 0
      ? paragraph('The log does not say: it begins after the gateway had started.')
      : table(
          [...(areSeveral ? ['Gateway'] : []), 'Policy', 'From', 'To'],
          inForce.map((policy) => {
            const end = policyEnd(policy, areSeveral);
            return [
              ...(areSeveral ? [policy.gateway] : []),
              policy.version,
              date(policy.from),
              end === undefined ? 'still in force at the end' : date(end),
            ];
          }),
        ),
  ];
}

function events(summary: Summary): Block[] {
  const { events: happened, eventsBeyond } = summary;
  const areSeveral = haveSeveral(summary);
  const names = {
    start: 'start',
    stop: 'stop',
    crash: 'end without a stop',
    gap: 'records lost',
    recovery: 'cut line',
  };
  return [
    heading('The gateway and its log'),
    happened.length === 0
      ? paragraph('The gateway neither started nor stopped, and no record was lost.')
      : table(
          ['When', ...(areSeveral ? ['Gateway'] : []), 'What', 'In words'],
          happened.map(({ gateway, time, kind, sentence }) => [
            date(time),
            ...(areSeveral ? [gateway] : []),
            names[kind],
            sentence,
          ]),
        ),
    ...(eventsBeyond === 0 ? [] : [paragraph(`And ${eventsBeyond} more.`)]),
  ];
}

function tie({ chains }: Summary): Block[] {
  const all = chains.values();
  return [
    heading('How this report is tied to the log'),
    paragraph(
      'Each record of the log holds a digest of the one before it, so none can be changed, taken out or put in without breaking all that follow; checkpoints sign that chain now and then. Whoever has the log and the public key can check it without the gateway: quaywarden audit verify.',
    ),
    ...(all.length > 1
      ? [paragraph('Each of the gateways writes a chain of its own; each is tied by itself.')]
      : []),
    ...all.flatMap((chain) => [
      ...(all.length > 1 ? [paragraph(`The chain of ${chain.gateway}:`)] : []),
      tieOf(chain),
    ]),
  ];
}

function tieOf({ first, last, lines, checkpoints, lastCheckpoint: signed, keys }: ChainSummary): Block {
  return {
    type: 'facts',
    facts: [
      ['Records of the period', String(lines)],
      ['First record', `number ${first.sequence}, hash ${first.hash}`],
      ['Last record', `number ${last.sequence}, hash ${last.hash}`],
      ['Checkpoints in the period', String(checkpoints)],
      ['Last checkpoint', signed === undefined ? 'none' : `number ${signed.sequence}, ${date(signed.time)}`],
      ['Signed with', keys.size === 0 ? '-' : [...keys].map((key) => `key ${key}`).join(', ')],
    ],
  };
}

/** Whether there is more than one gateway to tell apart. */
function haveSeveral({ chains, policies: inForce }: Summary): boolean {
  return new Set([...chains.values(), ...inForce].map(({ gateway }) => gateway)).size > 1;
}

/** The sum of what is listed. */
function total(counts: Counts<{ readonly count: number }>): string {
  return atLeast(
    counts.values().reduce((sum, { count }) => sum + count, 0),
    counts,
  );
}

/** What there was no room for is told of: a report that leaves out must say so. */
function more(counts: Counts<object>, what: string): Block[] {
  return counts.beyond === 0
    ? []
    : [paragraph(`And ${counts.beyond} ${what}, which are not listed; quaywarden audit query shows them.`)];
}

function atLeast(count: number, { beyond }: Counts<object>): string {
  return beyond === 0 ? String(count) : `more than ${count}`;
}

/** An argument of a command line as one would type it. */
function quoted(argument: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

function heading(text: string): Block {
  return { type: 'heading', text };
}

function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): Block {
  return { type: 'table', columns, rows };
}

/** All of them in words, each once: what changes something or runs something first, what only looks last. */
function deeds(operations: ReadonlySet<string>): string {
  const looks = (id: string): boolean => activityOf(id) === 2;
  const sorted = [...operations].sort((a, b) => Number(looks(a)) - Number(looks(b)));
  return [...new Set(sorted.map(wordsFor))].join(', ');
}

function period(first: string, last: string): string {
  return first === last ? date(first) : `${date(first)} to ${date(last)}`;
}

/** `2026-11-26 14:00:00` of RFC 3339. */
function date(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
