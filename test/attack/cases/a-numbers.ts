import type { Case } from '../corpus/case.ts';
import { attack, create, created, each, refused } from '../corpus/write.ts';

/** Row A019: integers keep every digit, and what Go takes for no integer is none. */

const TYPE = refused(400, 'body-field-type', { operation: 'ContainerCreate' });
const NOT_JSON = refused(400, 'body-json', { operation: 'ContainerCreate' });
const memory = (text: string): string => `{"Image":"busybox","HostConfig":{"Memory":${text}}}`;

export const A_NUMBERS: readonly Case[] = [
  attack(
    'A019',
    'the largest int64 keeps its digits',
    create(memory('9223372036854775807')),
    created(memory('9223372036854775807')),
    {
      danger: { container: { 'HostConfig.Memory': /^9223372036854775807$/ } },
    },
  ),
  attack(
    'A019',
    'integers that JavaScript would round',
    ['9007199254740993', '9223372036854775806', '1152921504606846977', '-9007199254740993'].map((text) => ({
      name: text,
      bytes: create(memory(text)),
      received: created(memory(text)).received,
    })),
    created(''),
  ),
  attack(
    'A019',
    'an unsigned one of 64 bits',
    create('{"Image":"busybox","HostConfig":{"IOMaximumIOps":18446744073709551615}}'),
    created('{"Image":"busybox","HostConfig":{"IOMaximumIOps":18446744073709551615}}'),
  ),
  attack('A019', 'minus nothing is nothing', create(memory('-0')), created(memory('0'))),
  attack(
    'A019',
    'numbers that are no int64',
    each(
      [
        '9223372036854775808',
        '-9223372036854775809',
        '18446744073709551616',
        '1e8',
        '1E8',
        '1.0',
        '1.5',
        '6291456.0',
        '1e-1',
        '0e0',
        '-0.0',
        `1${'0'.repeat(40)}`,
        '9'.repeat(10_000),
        '1e999999999',
      ],
      (text) => create(memory(text)),
    ),
    TYPE,
  ),
  attack(
    'A019',
    'numbers that are no JSON',
    each(['+1', '01', '.5', '1.', '0x10', '1_000', '- 1', '1e', '--1', '1n'], (text) => create(memory(text))),
    NOT_JSON,
  ),
  attack(
    'A019',
    'small integers out of their range',
    {
      uint16: create('{"Image":"busybox","HostConfig":{"BlkioWeight":65536}}'),
      'uint16 below zero': create('{"Image":"busybox","HostConfig":{"BlkioWeight":-1}}'),
      uint32: create(
        '{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Mode":4294967296}}]}}',
      ),
      'uint64 below zero': create('{"Image":"busybox","HostConfig":{"ConsoleSize":[-1,0]}}'),
    },
    TYPE,
  ),
];
