import { Command } from 'commander';
import { visible } from '../../audit/query/table.ts';
import { LogReader } from '../../audit/reader.ts';
import type { RequestLine } from '../../audit/record.ts';
import { ConfigError } from '../../errors.ts';
import { type Desk, deskConfig, openDesk } from '../../workbench/desk.ts';
import { type Explained, explainRecord } from '../../workbench/from-record.ts';
import { supposedPrincipal } from '../../workbench/principal.ts';
import { askedJson, tellAsked } from '../../workbench/tell.ts';
import { print } from '../audit/show.ts';
import { chainsIn, folderOf, lines } from '../audit/source.ts';
import { toldOf, withConfig, withEngine } from './who-asks.ts';

interface Options {
  readonly log?: string;
  readonly config: string;
  readonly engine?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  $ quaywarden policy explain 5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11
  $ quaywarden policy explain 5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11 --log /mnt/copy/audit

The id is that of the header Quaywarden-Request-Id and of \`audit query --json\`. The policy that is in force now is asked
about what the record holds. Exit codes: 0 explained, 2 unusable input.
`;

/** `quaywarden policy explain`. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('why a recorded request was allowed or refused')
    .description('Tell what every grant makes of a request of the audit log, then and now.')
    .argument('<id>', 'the request id')
    .option('--log <folder>', "the log's folder (default: the configuration's audit.folder)");
  return withConfig(withEngine(command))
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { log, config: path, engine, json }: Options) => {
      const record = await find(folderOf(log, path), id);
      const desk = await openDesk(deskConfig(path), engine ?? record.engine);
      const explained = explainRecord(desk, record);
      await print(
        json ? [JSON.stringify(toJson(record, explained, desk), null, 2)] : told(record, explained, desk),
      );
    });
}

/** The record that holds the decision. @throws ConfigError when there is none */
async function find(folder: string, id: string): Promise<RequestLine> {
  const readers = chainsIn(folder).map((chain) => new LogReader(chain));
  try {
    for await (const { line } of lines(readers, (_, bytes) => bytes.includes(id))) {
      if (line.type === 'request' && line.id === id) return line;
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
  throw new ConfigError([
    `there is no request ${id} in ${folder}; \`quaywarden audit query --json\` has their ids`,
  ]);
}

function told(record: RequestLine, explained: Explained | string, desk: Desk): readonly string[] {
  const { decision, principal, request, time } = record;
  const by = decision.grant === null ? '' : ` by ${decision.grant}`;
  const then = `${decision.effect} [${decision.reason}]${by}`;
  const version = decision.policyVersion ?? 'none';
  const lines = [
    `${time.slice(0, 19)}Z ${principal?.name ?? 'nobody'}: ${request.operation ?? `${request.method} ${request.path}`}`,
    `then, by policy ${version}: ${then}`,
    ...(decision.message === null ? [] : [`  the client got: ${decision.message}`]),
  ];
  if (typeof explained === 'string') return [...lines, `now: ${explained}`].map(visible);
  const isSame =
    version === desk.policy.version ? 'which is in force still' : `${desk.policy.version}, another one`;
  lines.push(
    `now, by policy ${isSame}: ${explained.effect} [${explained.reason}]${explained.grant === null ? '' : ` by ${explained.grant}`}`,
  );
  for (const what of explained.missing) lines.push(`  not in the record: ${what}`);
  if (explained.effect !== decision.effect && version === desk.policy.version)
    lines.push('  the policy alone did not decide it: what else did is said by the reason');
  return [
    ...lines,
    ...explained.asked.flatMap((each) => tellAsked(each, toldOf(desk, principalOf(record)))),
  ].map(visible);
}

function toJson(record: RequestLine, explained: Explained | string, desk: Desk): object {
  const { decision } = record;
  const then = {
    effect: decision.effect,
    reason: decision.reason,
    grant: decision.grant,
    policyVersion: decision.policyVersion,
  };
  const now =
    typeof explained === 'string'
      ? { notAsked: explained }
      : {
          effect: explained.effect,
          reason: explained.reason,
          grant: explained.grant,
          missing: explained.missing,
          asked: explained.asked.map((each) => askedJson(each, toldOf(desk, principalOf(record)))),
        };
  return { id: record.id, time: record.time, then, now: { policyVersion: desk.policy.version, ...now } };
}

function principalOf({ principal }: RequestLine): ReturnType<typeof supposedPrincipal> {
  const { name = '-', tenant, roles, method } = principal ?? {};
  return supposedPrincipal({ name, tenant, roles, method });
}
