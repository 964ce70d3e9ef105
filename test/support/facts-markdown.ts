import { type FactNode, readFactTypes } from './facts-types.ts';

type Named = FactNode & { readonly name: string };

const HEAD = `# Facts

<!-- Generated from src/docker/facts/types.ts by \`npm run docs:facts\`: do not edit. -->

A fact is what a request asks for, in one word for every way of saying it. Conditions of grants name facts as
\`r.facts.<name>\`, checks of profiles judge them, and a refusal points at the field that a fact comes from: every
fact, or every item of a list of facts, has a \`field\` such as \`HostConfig.Binds[0]\` or \`query networkmode\`, which the
tables below leave out.

Facts are read as the Engine reads the request (moby's own parsers; held against a real Engine by
\`test/docker/facts/real-engine/\`). Where the Engine would refuse, or Engines differ, a fact tells the worst that it can
mean: a bind that can not be parsed may be any path, a port that can not be parsed any port. Values that may be secrets
are in no fact: environment variables, build arguments, driver options and unknown log options are told by name.
`;

/** The text of docs/facts.md. */
export function renderDocs(): string {
  const facts = readFactTypes().members.flatMap((fact) => sections(fact, fact.name));
  return `${HEAD}\n${facts.join('\n')}`;
}

/** A fact; of one that only groups others, each of them. */
function sections(fact: Named, path: string): readonly string[] {
  const parts = fact.members.filter(({ from }) => from.length > 0);
  const head = [`## ${path}`, '', fact.means, ''];
  if (parts.length === 0) return [[...head, ...details(fact)].join('\n')];
  return [head.join('\n'), ...parts.flatMap((part) => sections(part, `${path}.${part.name}`))];
}

function details(fact: Named): readonly string[] {
  const shape = fact.kind === 'array' && fact.of !== null ? fact.of : fact;
  const members = shape.members.filter(({ name }) => name !== 'field');
  return [
    `Type: ${factType(fact)}${fact.optional ? ', or absent' : ''}.`,
    '',
    ...(members.length === 0 ? [] : [...table(members), '']),
    'From:',
    ...fact.from.map((source) => `- ${source}`),
    '',
  ];
}

function factType(fact: FactNode): string {
  if (fact.kind === 'object') return fact.nullable ? 'a fact or null' : 'a fact';
  return typeOf(fact);
}

function table(members: readonly Named[]): readonly string[] {
  return [
    '| part | type | meaning |',
    '| --- | --- | --- |',
    ...members.map(
      (member) =>
        `| \`${member.name}\` | ${typeOf(member)}${member.optional ? ', or absent' : ''} | ${member.means} |`,
    ),
  ];
}

function typeOf(node: FactNode): string {
  return `${bareType(node)}${node.nullable ? ' or null' : ''}`;
}

function bareType(node: FactNode): string {
  switch (node.kind) {
    case 'array':
      return `list of ${node.of === null ? '' : plural(node.of)}`;
    case 'map':
      return 'texts by name';
    case 'object': {
      return node.members.map(({ name }) => `\`${name}\``).join(', ');
    }
    case 'string':
      return node.values.length === 0 ? 'text' : node.values.map((value) => `\`${value}\``).join(', ');
    case 'boolean':
      return 'true or false';
    default:
      return 'integer';
  }
}

function plural(node: FactNode): string {
  return node.kind === 'string' ? 'texts' : 'facts';
}
