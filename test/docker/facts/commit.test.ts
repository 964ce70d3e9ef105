import { describe, expect, it } from 'vitest';
import { changeFacts } from '../../../src/docker/facts/dockerfile/changes.ts';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { refusalOf } from '../refusing.ts';
import { askCommit } from './ask.ts';

const changed = (...changes: string[]) => askCommit({ changes });

describe('a commit', () => {
  it('of a container as it is asks for nothing', () => {
    expect(askCommit({ container: 'web' })).toEqual(NO_FACTS);
    expect(askCommit({ container: 'web' }, {})).toEqual(NO_FACTS);
  });

  it.each([
    [{ repo: 'alpine' }, 'docker.io/library/alpine:latest'],
    [{ repo: 'alpine', tag: '3' }, 'docker.io/library/alpine:3'],
    [{ repo: 'reg.io:5000/a:1', tag: '2' }, 'reg.io:5000/a:2'],
    [{ repo: 'reg.io:5000/a:1' }, 'reg.io:5000/a:1'],
  ])('F029: %j names the image %s', (query, reference) => {
    expect(askCommit(query).tags).toMatchObject([{ field: 'query repo', reference, name: { type: 'name' } }]);
  });

  it.each([
    [{ repo: 'Bad' }, 'Bad'],
    [{ repo: 'Bad', tag: 'x' }, 'Bad:x'],
    [{ repo: 'good', tag: 'x y' }, 'good:x y'],
  ])('%j is a name that nobody can parse', (query, reference) => {
    expect(askCommit(query).tags).toEqual([{ field: 'query repo', reference, name: null }]);
  });

  it('without a repository names none', () => {
    expect(askCommit({ tag: 'x' }).tags).toEqual([]);
  });

  it('sets what its body sets', () => {
    const body = {
      Labels: { a: 'b' },
      User: '0',
      Env: ['A=b', 'NVIDIA_VISIBLE_DEVICES=all'],
      Entrypoint: ['x'],
      Cmd: ['y'],
      Volumes: { '/v': {} },
      WorkingDir: '/proc/self/fd/8',
    };
    expect(askCommit({}, body)).toMatchObject({
      runs: null,
      labels: { a: 'b' },
      user: { field: 'User', value: '0', root: true },
      environment: ['A', 'NVIDIA_VISIBLE_DEVICES'],
      command: ['x', 'y'],
      volumes: [{ field: 'Volumes["/v"]', name: '', driver: 'local', options: [], mode: 'rw' }],
      hostPaths: [{ field: 'WorkingDir', via: 'working-dir' }],
      devices: [],
    });
  });

  it.each([
    'COPY --from=team-b/app / /loot',
    'copy --FROM = team-b/app / /loot',
    'COPY --fr"o"m=team-b/app / /loot',
    'COPY --fr\\om=team-b/app / /loot',
    'ADD --from=team-b/app / /loot',
    'RUN --network=none true',
    'RUN --mount=type=bind,from=team-b/app,target=/x cp -r /x /loot',
    'RUN <<E',
  ])('has no later build do what nobody judges: %s', (trigger) => {
    const refused = { status: 400, reason: 'changes-unclear' };
    expect(refusalOf(() => changed(`ONBUILD ${trigger}`))).toMatchObject(refused);
    expect(refusalOf(() => askCommit({}, { OnBuild: ['RUN true', trigger] }))).toMatchObject(refused);
  });

  it('may have later builds do what is of their own', () => {
    expect(changed('ONBUILD COPY . /app', 'ONBUILD RUN make from')).toEqual(NO_FACTS);
    expect(askCommit({}, { OnBuild: ['COPY . /app'] })).toEqual(NO_FACTS);
  });

  it('sets what its changes set, over the body', () => {
    const changes = [
      'LABEL a=c',
      'USER app',
      'ENV B=c',
      'CMD ["z"]',
      'VOLUME /a /b',
      'WORKDIR /proc/self/fd/8',
    ];
    expect(askCommit({ changes }, { User: 'root', Labels: { a: 'b', d: 'e' } })).toMatchObject({
      labels: { a: 'c', d: 'e' },
      user: { field: 'query changes', value: 'app', root: null },
      environment: ['B'],
      command: ['z'],
      volumes: [{ field: 'query changes', driver: 'local', mode: 'rw' }, { field: 'query changes' }],
      hostPaths: [{ field: 'query changes', path: null, via: 'working-dir' }],
    });
  });

  it('is given no devices by variables', () => {
    expect(changed('ENV NVIDIA_VISIBLE_DEVICES=all')).toMatchObject({
      devices: [],
      environment: ['NVIDIA_VISIBLE_DEVICES'],
    });
  });
});

describe('devices of changes', () => {
  // An import has no use for them either: they are there for who reads the changes by themselves.
  it.each([
    ['ENV NVIDIA_VISIBLE_DEVICES=all', 1],
    ['ENV NVIDIA_VISIBLE_DEVICES="void"', 0],
    ['ENV NVIDIA_VISIBLE_DEVICES=$X', 1],
  ])('%s asks for %i', (change, count) => {
    expect(changeFacts('query changes', [change]).devices).toHaveLength(count);
  });

  it('are none where there are no changes', () => {
    expect(changeFacts('query changes')).toEqual({});
  });
});

describe('the command of changes', () => {
  it.each([
    ['CMD ["a"]', ['a']],
    ['CMD a', ['/bin/sh', '-c', 'a']],
    ['CMD [1]', ['/bin/sh', '-c', '[1]']],
    ['CMD "a"', ['/bin/sh', '-c', '"a"']],
    ['ENTRYPOINT ["a", 1]', ['/bin/sh', '-c', '["a", 1]']],
  ])('%s is %j', (change, command) => {
    expect(changed(change).command).toEqual(command);
  });
});

describe('labels of changes', () => {
  it.each([
    ['LABEL a=b', { a: 'b' }],
    ['label\ta=b', { a: 'b' }],
    ['LABEL a=b c="d e"', { a: 'b', c: 'd e' }],
    ['LABEL "io.quaywarden.tenant"=b', { 'io.quaywarden.tenant': 'b' }],
    ["LABEL 'a b'=c", { 'a b': 'c' }],
    ['LABEL io\\.quaywarden.tenant=b', { 'io.quaywarden.tenant': 'b' }],
    ['LABEL a b c', { a: 'b c' }],
    ['LABEL a="b\\"c"', { a: 'b"c' }],
    ['LABEL a="b\\c"', { a: 'b\\c' }],
    ['LABEL a="b\\\\"', { a: 'b\\' }],
    ['LABEL a="\\$b"', { a: '$b' }],
    ["LABEL a='$b'", { a: '$b' }],
    ['LABEL a=\\$b', { a: '$b' }],
    ['LABEL a=b=c', { a: 'b=c' }],
    ['LABEL a=b\n# LABEL c=d\n\nLABEL e=f', { a: 'b', e: 'f' }],
    ['LABEL a=b\r\nLABEL c=d', { a: 'b', c: 'd' }],
    ['LABEL a=b c', { a: 'b', c: '' }],
    ['  LABEL a=b  ', { a: 'b' }],
    ['LABEL a=b\\ c d=e', { a: 'b c', d: 'e' }],
    ['LABEL a=\\"b c=\\"d', { a: '"b', c: '"d' }],
    ['LABEL a="b\\ c"', { a: 'b\\ c' }],
    ['LABEL a=b\n# as in #x=1\nLABEL c=d', { a: 'b', c: 'd' }],
    ['EXPOSE 80', {}],
  ])('%j are %j', (change, labels) => {
    expect(changed(change).labels).toEqual(labels);
  });
});

describe('changes that are refused', () => {
  const LINES = 'is to be read over several lines';
  const DIRECTIVE = 'begins with a parser directive';
  const ASCII = 'begins with a character outside ASCII';
  const VARIABLE = 'puts in a variable';
  const MARK = 'holds a byte order mark';
  it.each([
    ['LABEL a=b \\\nio.quaywarden.tenant=x', LINES],
    ['LABEL a=b `', LINES],
    ['# escape=`', LINES],
    ['# escape=x', DIRECTIVE],
    // "WORKDIR" to Go, U+212A and U+0130 to all others.
    ['WOR\u212aDIR /proc/self/fd/8', ASCII],
    ['WORKD\u0130R /proc/self/fd/8', ASCII],
    ['#syntax=x', DIRECTIVE],
    ['#  syntax  =x', DIRECTIVE],
    ['LABEL a=$b', VARIABLE],
    ['LABEL $a=b', VARIABLE],
    ['LABEL a="$b"', VARIABLE],
    ['ENV $A=b', VARIABLE],
    ['USER $A', VARIABLE],
    ['WORKDIR $A', VARIABLE],
    ['LABEL a="b', VARIABLE],
    ["LABEL a='b", VARIABLE],
    ['LABEL a=b\rLABEL c=d', LINES],
    ['\ufeffLABEL a=b', MARK],
    ['LABEL a=b\ufeffc=d', MARK],
  ])('%j', (change, what) => {
    expect(refusalOf(() => changed(change))).toEqual({
      status: 400,
      reason: 'changes-unclear',
      message: `a change ${what}; write each as one instruction in one line, with plain words`,
      field: 'changes',
    });
  });
});
