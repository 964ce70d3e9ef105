import { Command } from 'commander';
import { visible } from '../../audit/query/table.ts';
import { observedWhom } from '../../policy/observed.ts';
import { deskConfig, onEngine, openDesk } from '../../workbench/desk.ts';
import { operationNamed } from '../../workbench/request-line.ts';
import { wayText } from '../../workbench/through.ts';
import { type Holder, whoMay } from '../../workbench/who.ts';
import { print } from '../audit/show.ts';
import { warn } from '../audit/source.ts';
import { withConfig, withEngine } from './who-asks.ts';

interface Options {
  readonly config: string;
  readonly engine?: string;
  readonly json?: true;
}

const NOBODY = 1;

const EXAMPLES = `
Examples:
  $ quaywarden policy who ContainerExec container/-/web
  $ quaywarden policy who ImagePush image/registry.example.com/team-a/app:latest
  $ quaywarden policy who ContainerStart container/team-a/web --json

It tells what the grants say: who holds role:developer is said by certificates and tokens, and by the g lines that are
followed here. Exit codes: 0 somebody may, 1 nobody may, 2 unusable input.
`;

/** `quaywarden policy who`. */
export function whoCommand(): Command {
  const command = new Command('who')
    .summary('who may do something')
    .description('List all subjects that may do an operation on a resource, and under which condition.')
    .argument('<operation>', 'an operationId such as ContainerExec')
    .argument('<resource>', 'kind/tenant/name: container/-/web, image/docker.io/library/alpine:3, engine');
  return withConfig(withEngine(command))
    .addHelpText('after', EXAMPLES)
    .action(async (wish: string, given: string, { config: path, engine: named, json }: Options) => {
      const { id } = operationNamed(wish);
      const { resource = '', engine } = onEngine(given, named);
      const config = deskConfig(path);
      const { text, file } = await openDesk(config, engine);
      const holders = whoMay(text, id, resource, config.tenancy.enabled);
      const whom = observedWhom(config.policy).map((each) => (each === '*' ? 'everybody' : each));
      if (whom.length > 0)
        warn(`what is denied to ${whom.join(', ')} is only observed (docs/learning.md), and forwarded`);
      await print(
        json
          ? [
              JSON.stringify(
                holders.map((each) => toJson(each, file)),
                null,
                2,
              ),
            ]
          : told(holders, file),
      );
      if (holders.every(({ isDenied }) => isDenied)) process.exitCode = NOBODY;
    });
}

function told(holders: readonly Holder[], file: string): readonly string[] {
  if (holders.length === 0) return ['nobody may: no grant allows it'];
  const width = Math.max(...holders.map(({ subject }) => subject.length));
  return holders.flatMap((holder) => {
    const { subject, way, grant, denials, isDenied, isOwnTenant } = holder;
    const parts = [
      isDenied ? 'may not' : 'may',
      grant.condition.always ? '' : `if ${grant.condition.text}`,
      isOwnTenant ? 'where it is of its own tenant' : '',
      `by ${file}:${grant.line}`,
      way.length === 0 ? '' : `as a member of ${wayText(way, file)}`,
    ];
    const lines = [`${subject.padEnd(width)}  ${parts.filter((part) => part !== '').join(', ')}`];
    for (const denial of denials) {
      const when = denial.condition.always ? 'always' : `if ${denial.condition.text}`;
      const passed = isDenied || !denial.condition.always ? '' : ' under this name, and not by its id';
      lines.push(
        `${' '.repeat(width)}    denied to ${denial.subject} ${when}${passed}, by ${file}:${denial.line}`,
      );
    }
    return lines.map(visible);
  });
}

function toJson({ subject, way, grant, denials, isDenied, isOwnTenant }: Holder, file: string): object {
  return {
    subject,
    may: !isDenied,
    grant: `${file}:${grant.line}`,
    condition: grant.condition.text,
    ownTenantOnly: isOwnTenant,
    through: way.map(({ role, line }) => ({ role, line: `${file}:${line}` })),
    denials: denials.map(({ subject: to, condition, line }) => ({
      subject: to,
      condition: condition.text,
      grant: `${file}:${line}`,
    })),
  };
}
