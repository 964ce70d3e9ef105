import { describe, expect, it } from 'vitest';
import { faultsOf, policyOf } from '../support.ts';
import { faultsIn } from './support.ts';

describe('a condition is refused with its line when', () => {
  it.each([
    ['it is empty', '', 'is empty; write true for no condition'],
    ['it is no expression', 'r.version >', 'is no expression: Expected expression after > at character 11'],
    ['a text has no end', "r.query.name == 'web", /^is no expression: Unclosed quote/],
    ['it is several expressions', 'true false', 'is not one expression; join conditions by && or ||'],
    ['it is separated by a semicolon', 'true; true', 'is not one expression; join conditions by && or ||'],
    ['it says a text', "'true'", 'says "true" alone, which is neither true nor false'],
    ['it says a number', '1', 'says 1 alone, which is neither true nor false'],
    ['it says null', 'null', 'says null alone, which is neither true nor false'],
    ['it says a list', '[true]', 'says [true] alone, which is neither true nor false'],
    [
      'nothing is in a bracket',
      'true && ()',
      'is no expression: Expected expression after && at character 10',
    ],
    ['nothing is negated', '!', 'has an operator or a bracket with nothing in it'],
    ['it chooses', 'true ? true : false', 'uses ? :, which conditions do not have; use && and ||'],
    ['it says this', 'this', 'uses this, which conditions do not have'],
    [
      'it calculates',
      'r.version + 1 == 45',
      'compares r.version + 1, which is no value; compare names under r. with what is written out',
    ],
    ['it uses signs for bits', 'r.version & 1', 'uses the operator &, which conditions do not have'],
    [
      'it turns a sign',
      '~r.version == 3',
      'compares ~r.version, which is no value; compare names under r. with what is written out',
    ],
    ['it compares thrice', 'r.version === 44', 'uses the operator ===; write =='],
    ['it compares thrice with a difference', 'r.version !== 44', 'uses the operator !==; write !='],
    ['it compares what it writes out', '1 == 1', 'compares 1 with 1, both written out'],
    [
      'it compares a comparison',
      'r.version > 1 == true',
      'compares r.version > 1, which is no value; compare names under r. with what is written out',
    ],
    [
      'it compares a call',
      "imageFrom('a.io/**') == true",
      /^compares imageFrom\("a\.io\/\*\*"\), which is no value/,
    ],
    [
      'it compares a number with a text',
      "r.version == '44'",
      'compares r.version, a number, with "44", a text',
    ],
    [
      'it orders texts',
      "r.query.name < 'web'",
      'compares r.query.name by <, and that is a text, not a number',
    ],
    [
      'it orders a number and a text',
      "r.version < '44'",
      'compares "44" by <, and that is a text, not a number',
    ],
    [
      'it compares a list',
      "r.facts.images.reference == 'a'",
      'compares the list r.facts.images.reference; use anyOf, allIn, noneOf or isEmpty, or "in" with the list on the right',
    ],
    [
      'it compares a list with null',
      'r.body.HostConfig.CapAdd == null',
      /^compares the list r\.body\.HostConfig\.CapAdd/,
    ],
    [
      'it compares an object',
      "r.facts.runtime == 'runc'",
      'compares r.facts.runtime, which is an object; name a field of it',
    ],
    [
      'it compares a map',
      "r.facts.labels == 'a'",
      'compares r.facts.labels, which is an object; name a field of it',
    ],
    [
      'it says a text field',
      'r.query.name',
      'says r.query.name alone, which is neither true nor false; compare it with something',
    ],
    [
      'it says a list field',
      'r.facts.images',
      'says r.facts.images alone, which is neither true nor false; compare it with something',
    ],
    [
      'it compares with what never is',
      "r.facts.runs == 'containers'",
      'compares r.facts.runs with "containers", which it never is; did you mean container?',
    ],
    [
      'it chooses what never is',
      "r.facts.runs in ['exec', 'x']",
      'compares r.facts.runs with "x", which it never is; it can be container, exec, service, build',
    ],
    [
      'it names an operation that the grant does not cover',
      "r.operation == 'ContainerStart'",
      'compares r.operation with "ContainerStart", which it never is; did you mean ContainerCreate?',
    ],
    [
      'it is in no list',
      'r.version in 44',
      'has "in 44", which is no list; put && and || around "in" in brackets',
    ],
    ['it is in a text', "'a' in r.query.name", 'has "in r.query.name", which is no list'],
    [
      'a list has a name in it',
      'r.version in [r.version]',
      'has the list [r.version], which must hold texts or numbers, written out',
    ],
    [
      'a list has a hole',
      'r.version in [1,,2]',
      'has the list [1, , 2], which must hold texts or numbers, written out',
    ],
    ['a list is empty', 'r.version in []', 'has an empty list, in which nothing can be'],
    ['a list has other things', "r.version in ['44']", 'compares r.version, a number, with "44", a text'],
    [
      'a list of objects is searched',
      "'a' in r.facts.images",
      'compares r.facts.images, which is an object; name a field of it',
    ],
    ['both sides of in are written out', '1 in [1]', 'asks whether 1 is in [1], both written out'],
    [
      'a list has null in it',
      'r.version in [null]',
      'has the list [null], which must hold texts or numbers, written out',
    ],
    ['it turns the sign of a field', 'r.version > -r.version', /^compares -r\.version, which is no value/],
    ['it turns the bits of a number', 'r.version == ~3', /^compares ~3, which is no value/],
    ['a number is beyond all measure', 'r.version < 1e999', /^compares 1e999, which is no value/],
    ['another sign stands before it', '~true', 'uses the operator ~, which conditions do not have'],
    ['it is a word', 'nope', 'names nope, which is not there; values begin with r., texts stand in quotes'],
    ['a word is on the right', 'r.version == nope', /^names nope, which is not there/],
    ['a word is in a list', 'nope in [1]', /^names nope, which is not there/],
    ['a list is not there', 'r.version in r.nope', /^names r\.nope, which is not there/],
  ])('%s', async (_, condition, sentence) => {
    const faults = await faultsIn(condition);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(sentence instanceof RegExp ? sentence : new RegExp(`^${escaped(sentence)}$`));
  });

  it.each([
    ['r', 'names r alone; say what of it is meant, such as r.facts.images'],
    ['facts.images', 'names facts, which is not there; values begin with r., texts stand in quotes'],
    ['container', 'names container, which is not there; values begin with r., texts stand in quotes'],
    ['r.fact.runs', 'names r.fact, which is not there; did you mean facts?'],
    ['r.principals', 'names r.principals, which is not there; did you mean principal?'],
    [
      'r.facts.image.reg',
      'names r.facts.image.reg, where reg is not there; known there: reference, name, field',
    ],
    ['r.facts.hostpaths', 'names r.facts.hostpaths, where hostpaths is not there; did you mean hostPaths?'],
    [
      'r.facts.ports.host.frist',
      'names r.facts.ports.host.frist, where frist is not there; did you mean first?',
    ],
    [
      'r.body.HostConfig.Priviliged',
      'names r.body.HostConfig.Priviliged, where Priviliged is not there; did you mean Privileged?',
    ],
    ['r.body.hostconfig', 'names r.body.hostconfig, where hostconfig is not there; did you mean HostConfig?'],
    ['r.body.HostConfig.CapAdd.Name', 'names r.body.HostConfig.CapAdd.Name, where Name is not there'],
    ['r.query.nmae', 'names r.query.nmae, where nmae is not there; did you mean name?'],
    [
      'r.principal.groups',
      'names r.principal.groups, where groups is not there; known there: name, tenant, roles, method',
    ],
    ['r.version.major', 'names r.version.major, where major is not there'],
    ['r.version[0]', 'names r.version[0], where [0] is not there'],
    [
      'r.facts[r.query.name]',
      'names r.facts[r.query.name], where [ ] must hold a text or the number of an item, written out',
    ],
    [
      'r.facts.images[-1]',
      'names r.facts.images[-1], where [ ] must hold a text or the number of an item, written out',
    ],
    [
      'r.facts.images[1.5]',
      'names r.facts.images[1.5], where [ ] must hold a text or the number of an item, written out',
    ],
    [
      'r.facts.labels[true]',
      'names r.facts.labels[true], where [ ] must hold a text or the number of an item, written out',
    ],
    ['r.body.Env', 'names r.body.Env, which is a secret; policies do not see it'],
  ])('it names what is not there: %s', async (name, sentence) => {
    expect(await faultsIn(`${name} == 1`)).toEqual([sentence]);
  });

  it.each([
    ['satisfy("baseline")', 'calls satisfy, which is no function; did you mean satisfies?'],
    ['exec("id")', /^calls exec, which is no function; there are satisfies, imageFrom, /],
    ['all(true)', /^calls all, which is no function/],
    ['r.facts.images()', 'calls r.facts.images, which is no function; there are'],
    [
      "satisfies('base')",
      'calls satisfies("base"): there is no profile base; there are privileged, baseline, restricted',
    ],
    [
      "satisfies('basline')",
      'calls satisfies("basline"): there is no profile basline; did you mean baseline?',
    ],
    ['satisfies()', "calls satisfies() with no argument; write it like satisfies('baseline')"],
    [
      "satisfies('baseline', 'restricted')",
      'calls satisfies("baseline", "restricted") with 2 arguments; write it like satisfies(\'baseline\')',
    ],
    ['satisfies(1)', 'calls satisfies(1), where 1 is not a text in quotes; write it like satisfies'],
    [
      'satisfies(r.query.name)',
      'calls satisfies(r.query.name), where r.query.name is not a text in quotes; write it like satisfies',
    ],
    ["memoryAtMost('lots')", 'calls memoryAtMost("lots"): "lots" is no size such as "512m" or "2g"'],
    [
      'memoryAtMost(true)',
      'calls memoryAtMost(true), where true is not a size such as "2g", or a number; write it like',
    ],
    ["cpusAtMost('2')", 'calls cpusAtMost("2"), where "2" is not a number; write it like cpusAtMost(1.5)'],
    ["anyOf('a', 'b')", 'calls anyOf("a", "b"), where "a" is not a name under r.; write it like anyOf'],
    ['anyOf(r.principal.roles)', 'calls anyOf(r.principal.roles) with 1 argument; write it like anyOf'],
    ['anyOf(r.principal.roles, 1)', 'calls anyOf(r.principal.roles, 1): 1 is never in principal.roles'],
    [
      "allIn(r.facts.ports.host.first, '80')",
      'calls allIn(r.facts.ports.host.first, "80"): "80" is never in facts.ports.host.first',
    ],
    [
      "noneOf(r.facts.images, 'a')",
      'calls noneOf(r.facts.images, "a"): facts.images holds neither texts nor numbers; name a field of it',
    ],
    [
      "noneOf(r.facts.hostPaths.mode, 'RW')",
      'calls noneOf(r.facts.hostPaths.mode, "RW"): "RW" is never in facts.hostPaths.mode',
    ],
    [
      'anyOf(r.principal.roles, 9007199254740993)',
      'calls anyOf(r.principal.roles, 9007199254740993): 9007199254740993 is never in principal.roles',
    ],
    [
      'anyOf(r.principal.roles, null)',
      'calls anyOf(r.principal.roles, null), where null is not a text or a number, written out',
    ],
    ["anyOf(roles, 'a')", 'names roles, which is not there'],
    ['isEmpty(r.query.name)', 'calls isEmpty(r.query.name): query.name is no list'],
    ['isEmpty(r.facts.nothing)', 'names r.facts.nothing, where nothing is not there'],
  ])('it calls what it can not: %s', async (call, sentence) => {
    const faults = await faultsIn(call);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(sentence instanceof RegExp ? sentence : new RegExp(`^${escaped(sentence)}`));
  });

  it('it names body fields that no operation of the grant has, or that differ between them', async () => {
    expect(await faultsIn('r.body.Image == null', 'ContainerList')).toEqual([
      'names r.body.Image, and none of the operations has a JSON body',
    ]);
    expect(await faultsIn('r.body.Image == null', 'ContainerUpdate')).toEqual([
      expect.stringMatching(/^names r\.body\.Image, where Image is not there/),
    ]);
    await policyOf('p, *, **, ContainerUpdate ContainerCreate, r.body.Image == null, allow');
    expect(await faultsIn("r.query.t == 'a'", 'ImageBuild ContainerStop')).toEqual([
      'names r.query.t, which is different things in ContainerStop and ImageBuild; write a grant for each',
    ]);
    expect(await faultsIn("r.query.buildargs == 'a'", 'ImageBuild')).toEqual([
      'names r.query.buildargs, which is JSON in a text; see r.facts for what it says',
    ]);
  });

  it('it names one of many operations that it never is, without the list of them', async () => {
    expect(await faultsIn("r.operation == 'zzzzzzzz'", '*')).toEqual([
      'compares r.operation with "zzzzzzzz", which it never is',
    ]);
  });

  it('it is nested more than 40 levels deep, by whatever', async () => {
    const negated = (times: number) => `${'!!('.repeat(times)}true${')'.repeat(times)}`;
    expect(await faultsIn(negated(20))).toEqual([]);
    expect(await faultsIn(negated(21))).toEqual(['is nested too deeply to be read']);
    const chained = (times: number) => `${'!(true && '.repeat(times)}true${')'.repeat(times)}`;
    expect(await faultsIn(chained(15))).toEqual([]);
    expect(await faultsIn(chained(25))).toEqual(['is nested too deeply to be read']);
  });

  it('every fault in it is told at once, and each once', async () => {
    expect(await faultsIn("r.nope == 1 && r.nope == 1 || nix('a') && r.version == 'x'")).toEqual([
      expect.stringMatching(/^names r\.nope, which is not there; known there: principal, /),
      expect.stringMatching(/^calls nix, which is no function/),
      'compares r.version, a number, with "x", a text',
    ]);
  });

  it('it is of a grant of UnknownFields and speaks of what is not known then', async () => {
    const sentence =
      'speaks of body or facts, and UnknownFields is decided before they are known; give it a line of its own';
    for (const condition of ['r.body.Image == null', 'r.facts.runs == null', "satisfies('baseline')"]) {
      expect(await faultsIn(condition, 'ContainerCreate UnknownFields')).toEqual([sentence]);
    }
  });

  it('it stands on any line of the file', async () => {
    const lines = [
      '# comment',
      'p, *, **, *, true, allow',
      'p, *, **, *, "anyOf(r.principal.role, \'x\')", deny',
    ];
    expect(await faultsOf(lines.join('\n'))).toEqual([
      'grants.csv:3: the condition names r.principal.role, where role is not there; did you mean roles?',
    ]);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
