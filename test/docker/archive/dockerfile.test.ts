// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of Dockerfiles.
import { describe, expect, it } from 'vitest';
import { baseImagesOf } from '../../../src/docker/archive/dockerfile.ts';

type Arguments = Readonly<Record<string, string | null>>;

function read(text: string | Buffer, given: Arguments = {}) {
  return baseImagesOf(Buffer.from(text), new Map(Object.entries(given)), 'Dockerfile');
}

/** References as short as they can be: `a` for `docker.io/library/a:latest`. */
function bases(text: string | Buffer, given: Arguments = {}): string[] | null {
  const { images } = read(text, given);
  return (
    images?.map(({ reference }) => reference.replace(/^docker\.io\/library\//, '').replace(/:latest$/, '')) ??
    null
  );
}

describe('the images a Dockerfile is built from', () => {
  it.each<[string, string, string[]]>([
    ['the image of a FROM', 'FROM a', ['a']],
    [
      'a name with registry, tag and digest',
      `FROM r.io/a:1@sha256:${'0'.repeat(64)}`,
      [`r.io/a:1@sha256:${'0'.repeat(64)}`],
    ],
    ['an id', 'FROM sha256:abc', ['sha256:abc']],
    ['the images of all stages', 'FROM a\nFROM b\nFROM a', ['a', 'b']],
    ['no image for scratch', 'FROM scratch', []],
    ['an image for scratch with a tag', 'FROM scratch:1', ['scratch:1']],
    ['an image for scratch in capitals', 'FROM SCRATCH', ['SCRATCH']],
    ['no image for a stage before', 'FROM a AS x\nFROM x', ['a']],
    ['no image for a stage in another case', 'FROM a AS Base\nFROM bASE', ['a']],
    ['an image for a stage that comes later', 'FROM x\nFROM a AS x', ['x', 'a']],
    ['an image for the stage itself', 'FROM x AS x', ['x']],
    ['an image for a number', 'FROM a\nFROM 0', ['a', '0']],
    ['no image for a stage called scratch', 'FROM a AS scratch\nFROM scratch', ['a']],
    ['the image of COPY --from', 'FROM a\nCOPY --from=b / /', ['a', 'b']],
    ['no image for COPY --from a stage', 'FROM a AS x\nFROM b\nCOPY --from=X / /', ['a', 'b']],
    ['an image for COPY --from the stage itself', 'FROM a AS x\nCOPY --from=x / /', ['a', 'x']],
    [
      'no image for COPY --from a number',
      'FROM a\nFROM b\nCOPY --from=0 / /\nCOPY --from=+1 / /',
      ['a', 'b'],
    ],
    ['an image for COPY --from=scratch', 'FROM a\nCOPY --from=scratch / /', ['a', 'scratch']],
    ['no image for an empty --from', 'FROM a\nCOPY --from= / /', ['a']],
    ['the image of ADD --from', 'FROM a\nADD --from=b / /', ['a', 'b']],
    ['--from among other flags', 'FROM a\nCOPY --chown=1:1 --link --from=b / /', ['a', 'b']],
    ['--from before an array', 'FROM a\nCOPY --from=b ["/", "/"]', ['a', 'b']],
    ['the image of a trigger', 'FROM a\nONBUILD COPY --from=b / /', ['a', 'b']],
    [
      'the image of a trigger that a stage here is called',
      'FROM a AS x\nFROM b\nONBUILD COPY --from=x / /',
      ['a', 'b', 'x'],
    ],
    ['a platform', 'FROM --platform=linux/amd64 a', ['a']],
    ['any case of instructions', 'from a as x\nfRoM x\ncopy --from=b / /', ['a', 'b']],
    ['spaces of any width', '\t FROM\t\v\f  a \f AS\tx \t', ['a']],
    ['comments and empty lines', '# FROM x\n\n  # FROM y\nFROM a\n', ['a']],
    ['a byte order mark', '\ufeffFROM a', ['a']],
    ['lines that end as on Windows', 'FROM \\\r\n  a\r\nRUN true\r\n', ['a']],
    ['a line continued', 'FR\\\nOM \\\n  a', ['a']],
    ['a line continued with spaces behind', 'FROM \\ \t\n a', ['a']],
    ['a line continued over a comment', 'FROM \\\n# x\n a', ['a']],
    ['a line continued over empty lines', 'FROM \\\n\n  \n a', ['a']],
    ['a line continued to the end', 'FROM a\\', ['a']],
    ['another escape character', '# escape=`\nFROM `\n a', ['a']],
    ['the usual escape character set', '#  Escape = \\ \nFROM \\\n a', ['a']],
    ['no directive that stands later', 'FROM a\n# escape=`\nRUN x \\\nFROM b', ['a']],
    ['what a FROM in a RUN says', 'FROM a\nRUN echo \\\nFROM b', ['a']],
    ['instructions that no builder knows', 'FROM a\nFETCH b\n&& c', ['a']],
    ['other instructions', 'FROM a\nENV FROM=b\nLABEL x="\nFROM c', ['a', 'c']],
    ['here-strings and shifts', 'FROM a\nRUN cat <<<x; echo $((1<<2))', ['a']],
    ['other languages', '# Größe\nFROM a\nRUN echo Größe\nCOPY Größe /', ['a']],
  ])('%s', (_, text, expected) => {
    expect(bases(text)).toEqual(expected);
  });

  it('are told with the line that names them', () => {
    expect(read('# x\nFROM \\\n a\nCOPY --from=b / /').images?.map(({ field }) => field)).toEqual([
      'Dockerfile:2',
      'Dockerfile:4',
    ]);
  });

  it('are those of every reading, where an indented comment ends a continued line for some builders', () => {
    expect(bases('FROM a\nRUN true \\\n  # x\nFROM b')).toEqual(['a', 'b']);
    expect(bases('FROM a\nRUN true \\\n  # x \\\nFROM b')).toEqual(['a']);
  });
});

describe('variables in a FROM', () => {
  it.each<[string, string, Arguments, string[]]>([
    ['a default', 'ARG X=a\nFROM $X', {}, ['a']],
    ['a default with braces', 'ARG X=1\nFROM a:${X}-b', {}, ['a:1-b']],
    ['a given value before a default', 'ARG X=a\nFROM $X', { X: 'b' }, ['b']],
    ['a given value without a default', 'ARG X\nFROM $X', { X: 'b' }, ['b']],
    ['null, which gives no value', 'ARG X=a\nFROM $X', { X: null }, ['a']],
    ['an empty given value', 'ARG X=a\nFROM b$X', { X: '' }, ['b']],
    ['none that is not declared', 'FROM a$X', { X: 'b' }, ['a']],
    ['none that is declared in a stage', 'FROM a\nARG X=b\nFROM c$X', { X: 'b' }, ['a', 'c']],
    ['the last declaration', 'ARG X=a\nARG X=b\nFROM $X', {}, ['b']],
    ['a declaration that takes the default away', 'ARG X=1\nARG X\nFROM a$X', {}, ['a']],
    ['a default made of others', 'ARG X=a\nARG Y=${X}b\nFROM $Y', {}, ['ab']],
    ['a default made of a given one', 'ARG X=a\nARG Y=$X\nFROM $Y', { X: 'c' }, ['c']],
    ['several on one line', 'ARG X=a Y=b\nFROM $X$Y', {}, ['ab']],
    [':- of an unset one', 'FROM ${X:-a}', {}, ['a']],
    [':- of an empty one', 'ARG X=\nFROM ${X:-a}', {}, ['a']],
    [':- of a set one', 'ARG X=b\nFROM ${X:-a}', {}, ['b']],
    [':+ of an unset one', 'FROM a${X:+b}', {}, ['a']],
    [':+ of a set one', 'ARG X=1\nFROM a${X:+b}', {}, ['ab']],
    ['forms within forms', 'ARG Y=b\nFROM ${X:-${Y:+a$Y}}', {}, ['ab']],
    ['quotes', 'ARG X="a"\nFROM "$X":\'1\'', {}, ['a:1']],
    ['quotes that keep a variable', "FROM '$X'", { X: 'a' }, ['$X']],
    ['quotes with spaces', 'ARG X="a b"\nFROM a${X:+b}', {}, ['ab']],
    ['scratch', 'ARG X=scratch\nFROM $X', {}, []],
    ['a stage', 'ARG X=st\nFROM a AS st\nFROM $X', {}, ['a']],
    ['a proxy that is declared', 'ARG HTTP_PROXY=a\nFROM $HTTP_PROXY', { HTTP_PROXY: 'b' }, ['b']],
    ['a proxy that is not given', 'FROM a$HTTP_PROXY', {}, ['a']],
    ['a bad default that is not used', 'ARG X=a\\b\nFROM c', {}, ['c']],
    ['a bad default that is given a value', 'ARG X=${Z%1}\nFROM $X', { X: 'c' }, ['c']],
    ['only ever a value, not what is written in one', 'ARG X\nFROM $X', { X: '$Y' }, ['$Y']],
  ])('take %s', (_, text, given, expected) => {
    expect(bases(text, given)).toEqual(expected);
  });
});

describe('it can not be told what a Dockerfile is built from', () => {
  it.each<[string, string | Buffer, Arguments?]>([
    ['when it is empty', ''],
    ['when it has no FROM', 'RUN true'],
    ['when a FROM has no image', 'FROM'],
    ['when a FROM has two words', 'FROM a b'],
    ['when a FROM has four words', 'FROM a AS b c'],
    ['when a FROM has another word for AS', 'FROM a IS b'],
    ['when AS has a long s', 'FROM a Aſ b'],
    ['when a stage has no name', 'FROM a AS $x'],
    ['when a FROM comes out empty', 'FROM $X'],
    ['when a variable has a form that not all builders know', 'ARG X=a\nFROM ${X-b}'],
    ['when a variable cuts', 'ARG X=ab\nFROM ${X%b}'],
    ['when a variable must be set', 'FROM ${X:?no}'],
    ['when a variable has no name', 'FROM a$'],
    ['when a variable is a number', 'FROM $1'],
    ['when a variable does not end', 'FROM ${X'],
    ['when a form does not end', 'FROM ${X:-a'],
    ['when a quote does not end', 'FROM "a'],
    ['when a word has an escape', 'FROM a\\b'],
    ['when a word has the other escape', 'FROM a`b'],
    ['when a word has a letter outside ASCII', 'FROM ä'],
    ['when a proxy is given that older builders do not know', 'FROM $ALL_PROXY', { ALL_PROXY: 'a' }],
    ['when an argument has a variable for a name', 'ARG $X=a\nFROM $Y'],
    ['when a default has an escape', 'ARG X=a\\b\nFROM $X'],
    ['when a default does not end', 'ARG X="a\nFROM $X'],
    ['when arguments of one line are made of others', 'ARG X=a Y=$X\nFROM $Y'],
    ['when a line holds a carriage return', 'FROM a\rFROM b'],
    ['when it holds NULs', 'FROM a\0'],
    ['when a line is too long for a builder', `FROM a\nRUN ${'x'.repeat(65_536)}`],
    ['when a line ends with two escapes', 'FROM a\nRUN x\\\\\nFROM b'],
    ['when an escape is set on a later line', '# syntax=x\n# escape=`\nFROM a'],
    ['when an escape is set behind a space', ' # escape=`\nFROM a'],
    ['when an escape is set behind a wide space', '#\u00a0escape=`\nFROM a'],
    ['when an escape is set to another character', '# escape=x\nFROM a'],
    ['when an instruction begins with a wide space', '\u00a0\u0085FROM\u00a0a'],
    ['when an instruction has a letter outside ASCII', 'FROM a\nRÜN x'],
    ['when a flag has a quote', 'FROM a\nCOPY "--from=b" --from="c" / /'],
    ['when a flag has an escape', 'FROM a\nCOPY --fr\\om=b / /'],
    ['when a flag has a letter outside ASCII', 'FROM a\nCOPY --chown=ä --from=b / /'],
    ['when flags end with two dashes', 'FROM a\nCOPY -- --from=b /'],
    ['when --from has no value', 'FROM a\nCOPY --from b / /'],
    ['when --from stands twice', 'FROM a\nCOPY --from=b --from=c / /'],
    ['when --from is in another case', 'FROM a\nCOPY --From=b / /'],
    ['when --from has a variable', 'ARG X=b\nFROM a\nCOPY --from=$X / /'],
    ['when --from is a number beyond all measure', 'FROM a\nCOPY --from=$99999999999999999999 / /'],
    ['when a flag stands behind a word', 'FROM a\nCOPY --link / --from=b /'],
    ['when a FROM has a flag behind its word', 'FROM a --platform=x AS b'],
    ['when a RUN has a flag', 'FROM a\nRUN --mount=from=b true'],
    ['when a trigger has a RUN with a flag', 'FROM a\nONBUILD RUN --mount=from=b true'],
    ['when a RUN has a here-document', 'FROM a\nRUN cat <<EOF\nFROM b\nEOF'],
    ['when a COPY has a here-document', 'FROM a\nCOPY <<"EOF" /x\nFROM b\nEOF'],
    ['when a trigger has a here-document', 'FROM a\nONBUILD RUN 3<<-EOF x\nEOF'],
    ['when it is UTF-16', Buffer.from('\ufeffFROM a', 'utf16le')],
  ])('%s', (_, text, given = {}) => {
    expect(read(text, given)).toEqual({
      images: null,
      why: expect.stringMatching(/^(line \d+ of )?the Dockerfile /),
    });
  });

  it('when what hides a line from one builder shows it to another', () => {
    // Below 23.0 a line ends that newer builders continue, and the other way round.
    expect(bases('FROM a\nRUN x\\\\ \nFROM b')).toBeNull();
  });
});
