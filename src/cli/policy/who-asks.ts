import { type Command, Option } from 'commander';
import type { AuthenticationMethod, Principal } from '../../identity/principal.ts';
import type { Desk } from '../../workbench/desk.ts';
import { METHODS } from '../../workbench/principal.ts';
import type { Told } from '../../workbench/tell.ts';
import { Ways } from '../../workbench/through.ts';
import { collect } from '../arguments.ts';

export interface WhoAsks {
  readonly role?: readonly string[];
  readonly tenant?: string;
  readonly method?: AuthenticationMethod;
}

/** The options that say what a principal is besides its name. */
export function withPrincipal(command: Command): Command {
  return command
    .option('--role <role>', 'a role that it has (may be repeated)', collect)
    .option('--tenant <tenant>', 'its tenant (default: default)')
    .addOption(
      new Option('--method <method>', 'how it proves who it is (default: certificate)').choices(METHODS),
    );
}

export function withConfig(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'the configuration file; without one, the policies in policies/ count',
      'quaywarden.yaml',
    )
    .option('--json', 'print JSON');
}

/** The option that says which of several Engines a question is about. */
export function withEngine(command: Command): Command {
  return command.option('--engine <name>', 'the Engine that it is about, of several (default: default)');
}

/** What a telling about somebody needs. */
export function toldOf({ text, file }: Desk, principal: Principal): Told {
  return { principal, ways: new Ways(text.memberships), file };
}
