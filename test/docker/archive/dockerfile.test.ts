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
      [`r.io/a@sha256:${'0'.repeat(64)}`],
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
    ['COPY --from a name that ends with a number', 'FROM a\nCOPY --from=x1 / /', ['a', 'x1']],
    ['COPY --from a name that begins with a number', 'FROM a\nCOPY --from=1x / /', ['a', '1x']],
    ['no image for COPY --from the twelfth stage', 'FROM a\nCOPY --from=12 / /', ['a']],
    [
      'an image for a number that is no index',
      `FROM a\nCOPY --from=${'9'.repeat(20)} / /`,
      ['a', '9'.repeat(20)],
    ],
    ['no other flag that ends like --from', 'FROM a\nCOPY --xfrom=b / /', ['a']],
    ['no stage without a name', 'FROM a\nFROM unnamed', ['a', 'unnamed']],
    ['dashes in other instructions', 'FROM a\nCMD --x\nENTRYPOINT --y', ['a']],
    ['no instruction within others', 'FROM a\nLABEL COPY --from=b', ['a']],
    ['triggers that no builder knows', 'FROM a\nONBUILD &&', ['a']],
    ['no trigger of a trigger', 'FROM a\nONBUILD ONBUILD COPY --from=b / /', ['a']],
    [
      'nothing of a word that begins like an instruction',
      'FROM a\nCOPY2 --from=b / /\n2COPY --from=c / /',
      ['a'],
    ],
    ['words behind a continued line', 'FROM a\\\n AS x\nFROM x', ['a']],
    ['lines behind a comment that seems to be continued', 'FROM a\n  # x \\\nFROM b', ['a', 'b']],
    ['flags behind a comment within a line', 'FROM a\nCOPY \\\n  # c\n --from=b / /', ['a', 'b']],
    ['escapes within a line', 'FROM a\nLABEL x=\\y\\\\z\nFROM b', ['a', 'b']],
    ['other escapes within a line', '# escape=`\nFROM a\nLABEL x=`y``z\nFROM b', ['a', 'b']],
    ['another escape before spaces', '# escape=`\nFROM ` \t\n a', ['a']],
    ['comments that speak of escapes', '# x # escape=`\nFROM a', ['a']],
    ['wide spaces before a comment', '\u2003\u3000\u1680\u205f\u0085# x\nFROM a', ['a']],
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

  it('are told with the first line that names them', () => {
    expect(read('FROM a\nFROM a').images).toEqual([{ field: 'Dockerfile:1', reference: 'a', name: null }]);
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
    ['several arguments with quotes and wide gaps', `ARG X="a b" \t Y='c d'   Z=e\nFROM $Z`, {}, ['e']],
    ['no argument of another instruction', 'LABEL X=b\nFROM a$X', { X: '1' }, ['a']],
    [
      'what is not given for a name like that of a proxy',
      'FROM a${my_http_proxy}b',
      { my_http_proxy: 'x' },
      ['ab'],
    ],
    ['what is not given for a longer name', 'FROM a${http_proxy_x}b', { http_proxy_x: 'x' }, ['ab']],
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
  it.each<[string, string | Buffer, string, Arguments?]>([
    ['when it is empty', '', 'and those after it have no FROM'],
    ['when it has no FROM', 'RUN true', 'and those after it have no FROM'],
    ['when a FROM has no image', 'FROM', 'is no FROM that names one image and at most one stage'],
    ['when a FROM has two words', 'FROM a b', 'is no FROM that names one image and at most one stage'],
    ['when a FROM has four words', 'FROM a AS b c', 'is no FROM that names one image and at most one stage'],
    [
      'when a FROM has another word for AS',
      'FROM a IS b',
      'is no FROM that names one image and at most one stage',
    ],
    ['when AS has a long s', 'FROM a Aſ b', 'is no FROM that names one image and at most one stage'],
    ['when a stage has no name', 'FROM a AS $x', 'names a stage with characters that no stage has'],
    ['when a FROM comes out empty', 'FROM $X', 'names no image'],
    [
      'when a variable has a form that not all builders know',
      'ARG X=a\nFROM ${X-b}',
      'has a form of variable that not every builder reads',
    ],
    ['when a variable cuts', 'ARG X=ab\nFROM ${X%b}', 'has a form of variable that not every builder reads'],
    ['when a variable must be set', 'FROM ${X:?no}', 'has a form of variable that not every builder reads'],
    ['when a variable has no name', 'FROM a$', 'has a variable that is none'],
    ['when a variable is a number', 'FROM $1', 'has a variable that is none'],
    ['when a variable does not end', 'FROM ${X', 'has a form of variable that not every builder reads'],
    ['when a form does not end', 'FROM ${X:-a', 'has an unfinished word'],
    ['when a quote does not end', 'FROM "a', 'has an unfinished quote'],
    [
      'when a word has an escape',
      'FROM a\\b',
      'has an escape character or one outside ASCII in a word that matters',
    ],
    [
      'when a word has the other escape',
      'FROM a`b',
      'has an escape character or one outside ASCII in a word that matters',
    ],
    [
      'when a word has a letter outside ASCII',
      'FROM ä',
      'has an escape character or one outside ASCII in a word that matters',
    ],
    [
      'when a proxy is given that older builders do not know',
      'FROM $ALL_PROXY',
      'uses a variable whose value can not be told',
      { ALL_PROXY: 'a' },
    ],
    [
      'when an argument has a variable for a name',
      'ARG $X=a\nFROM $Y',
      'uses a variable whose value can not be told',
    ],
    ['when a default has an escape', 'ARG X=a\\b\nFROM $X', 'uses a variable whose value can not be told'],
    ['when a default does not end', 'ARG X="a\nFROM $X', 'uses a variable whose value can not be told'],
    [
      'when arguments of one line are made of others',
      'ARG X=a Y=$X\nFROM $Y',
      'uses a variable whose value can not be told',
    ],
    ['when a line holds a carriage return', 'FROM a\rFROM b', 'holds a carriage return'],
    ['when it holds NULs', 'FROM a\0', 'holds NULs'],
    ['when a line is too long for a builder', `FROM a\nRUN ${'x'.repeat(65_536)}`, 'is too long'],
    [
      'when a line ends with two escapes',
      'FROM a\nRUN x\\\\\nFROM b',
      'ends with an escaped escape character',
    ],
    [
      'when an escape is set on a later line',
      '# syntax=x\n# escape=`\nFROM a',
      'sets an escape character where not every builder reads it',
    ],
    [
      'when an escape is set behind a space',
      ' # escape=`\nFROM a',
      'sets an escape character where not every builder reads it',
    ],
    [
      'when an escape is set behind a wide space',
      '#\u00a0escape=`\nFROM a',
      'sets an escape character where not every builder reads it',
    ],
    [
      'when an escape is set to another character',
      '# escape=x\nFROM a',
      'sets an escape character where not every builder reads it',
    ],
    [
      'when an instruction begins with a wide space',
      '\u00a0\u0085FROM\u00a0a',
      'begins with a character outside ASCII',
    ],
    [
      'when an instruction has a letter outside ASCII',
      'FROM a\nRÜN x',
      'begins with a character outside ASCII',
    ],
    ['when a flag has a quote', 'FROM a\nCOPY "--from=b" --from="c" / /', 'has a flag behind its first word'],
    ['when a flag has an escape', 'FROM a\nCOPY --fr\\om=b / /', 'has a flag that builders read differently'],
    [
      'when a flag has a letter outside ASCII',
      'FROM a\nCOPY --chown=ä --from=b / /',
      'has a flag that builders read differently',
    ],
    [
      'when flags end with two dashes',
      'FROM a\nCOPY -- --from=b /',
      'has a flag that builders read differently',
    ],
    ['when --from has no value', 'FROM a\nCOPY --from b / /', 'has a --from that builders read differently'],
    [
      'when --from stands twice',
      'FROM a\nCOPY --from=b --from=c / /',
      'has a --from that builders read differently',
    ],
    [
      'when --from is in another case',
      'FROM a\nCOPY --From=b / /',
      'has a --from that builders read differently',
    ],
    [
      'when --from has a variable',
      'ARG X=b\nFROM a\nCOPY --from=$X / /',
      'has a --from that builders read differently',
    ],
    [
      'when --from is a number beyond all measure',
      'FROM a\nCOPY --from=$99999999999999999999 / /',
      'has a --from that builders read differently',
    ],
    [
      'when a flag stands behind a word',
      'FROM a\nCOPY --link / --from=b /',
      'has a flag behind its first word',
    ],
    [
      'when a FROM has a flag behind its word',
      'FROM a --platform=x AS b',
      'has a flag behind its first word',
    ],
    [
      'when a RUN has a flag',
      'FROM a\nRUN --mount=from=b true',
      'has a RUN with a flag, which only BuildKit reads',
    ],
    [
      'when a trigger has a RUN with a flag',
      'FROM a\nONBUILD RUN --mount=from=b true',
      'has a RUN with a flag, which only BuildKit reads',
    ],
    // BuildKit from v0.23 on, and from v0.13 on.
    ['when a RUN has a << with a space', 'FROM a\nRUN true << EOF\nFROM b AS x\nEOF', 'has a << in it'],
    [
      'when a RUN has a << that an escape hides',
      'FROM a\nRUN true ${x:- \\<<EOF}\nFROM b AS x\nEOF',
      'has a << in it',
    ],
    ['when a RUN has a here-string', 'FROM a\nRUN cat <<<x', 'has a << in it'],
    ['when a RUN has a here-document', 'FROM a\nRUN cat <<EOF\nFROM b\nEOF', 'has a << in it'],
    ['when a COPY has a here-document', 'FROM a\nCOPY <<"EOF" /x\nFROM b\nEOF', 'has a << in it'],
    ['when a trigger has a here-document', 'FROM a\nONBUILD RUN 3<<-EOF x\nEOF', 'has a << in it'],
    ['when it is UTF-16', Buffer.from('\ufeffFROM a', 'utf16le'), 'holds NULs'],
    [
      'when a line that is continued holds a carriage return',
      'FROM a\nRUN x\ry\nFROM b',
      'line 2 of the Dockerfile holds a carriage return',
    ],
    ['when a RUN holds NULs', 'FROM a\nRUN x\0', 'holds NULs'],
    ['when a byte order mark stands later', 'FROM a\ufeff', 'outside ASCII'],
    ['when the word for AS is longer', 'FROM a ASS b', 'is no FROM'],
    ['when the word for AS ends like it', 'FROM a BAS b', 'is no FROM'],
    ['when a stage ends with what no stage has', 'FROM a AS b$', 'names a stage'],
    ['when an argument has a dot in its name', 'ARG X=a\nARG a.X=b\nFROM $X', 'can not be told'],
    ['when an argument has a dot behind its name', 'ARG X=a\nARG X.a=b\nFROM $X', 'can not be told'],
    ['when an argument is outside ASCII', 'ARG X=a\nARG Y=ä\nFROM $X', 'can not be told'],
    ['when a single quote does not end', "FROM 'a", 'has an unfinished quote'],
    ['when a single quote does not end before a form does', "FROM ${X:-'a}b", 'has an unfinished quote'],
    [
      'when a flag has a quoted value',
      'FROM a\nCOPY --from="b" / /',
      'has a flag that builders read differently',
    ],
    [
      'when words begin with a byte that is a space to the builder',
      Buffer.from('FROM a\nCOPY \xa0--from=b / /', 'latin1'),
      'begins its words',
    ],
    ['when two escapes end a line before spaces', 'FROM a\nRUN x\\\\ \t\nFROM b', 'escaped escape'],
    ['when two of another escape end a line', '# escape=`\nFROM a\nRUN x`` \t\nFROM b', 'escaped escape'],
    ['when an escape has something behind it', '# escape=`x\nFROM a', 'sets an escape character'],
    ['when an escape has a space before its sign', '# x\n# escape =`\nFROM a', 'sets an escape character'],
    [
      'when an escape is set twice',
      '# escape=`\n# escape=`\nFROM a',
      'line 2 of the Dockerfile sets an escape character',
    ],
    ['when an escape is set behind an empty line', '\n# escape=`\nFROM a', 'sets an escape character'],
  ])('%s', (_, text, why, given = {}) => {
    expect(read(text, given)).toEqual({
      images: null,
      why: expect.stringMatching(/^(line \d+ of )?the Dockerfile /),
    });
    expect(read(text, given).why).toContain(why);
  });

  it('when what hides a line from one builder shows it to another', () => {
    // Below 23.0 a line ends that newer builders continue, and the other way round.
    expect(bases('FROM a\nRUN x\\\\ \nFROM b')).toBeNull();
  });
});
