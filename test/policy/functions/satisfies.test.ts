import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/policy/checks/all.ts';
import { satisfies } from '../../../src/policy/functions/satisfies.ts';
import { VOCABULARY } from '../support.ts';
import { describeFunction, judge } from './support.ts';

const hostPaths = [{ field: 'HostConfig.Binds[0]', path: '/etc', mode: 'rw', via: 'bind' }] as const;
const privileged = [{ field: 'HostConfig.Privileged' }];

describeFunction(satisfies, {
  cases: {
    'takes what asks for nothing': [['baseline'], {}],
    'takes everything in privileged': [['privileged'], { privileged, hostPaths }],
    'names all that offends': [
      ['baseline'],
      { privileged, hostPaths },
      'HostConfig.Privileged gives the container full access to the host',
      'HostConfig.Binds[0] mounts "/etc" of the host',
    ],
  },
  faults: [
    [['none'], 'there is no profile none; there are privileged, baseline, restricted'],
    [['Baseline'], 'there is no profile Baseline; did you mean baseline?'],
  ],
});

describe('satisfies', () => {
  it('gives every violation the id, the remedy and the profile of its check', () => {
    const { against } = judge(satisfies, ['baseline'], { privileged }, 'ContainerCreate');
    expect(against).toEqual([
      {
        check: 'privileged',
        field: 'HostConfig.Privileged',
        asks: expect.any(String),
        remedy: expect.any(String),
        profile: 'baseline',
      },
    ]);
  });

  it('wants the user of an image to be known where a profile looks at it', () => {
    const needs = (name: string) => {
      const prepared = satisfies.prepare([name], VOCABULARY);
      return typeof prepared === 'string' ? prepared : prepared.needs;
    };
    expect(CHECKS.map(({ id }) => id)).toContain('run-as-non-root');
    expect(VOCABULARY.profiles.get('restricted')?.checks.map(({ id }) => id)).toContain('run-as-non-root');
    expect(needs('restricted')).toEqual(['imageUser']);
    expect(needs('baseline')).toEqual([]);
  });
});
