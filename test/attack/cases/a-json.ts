import { http, json } from '../../support/front-door.ts';
import type { Attempt, Case } from '../corpus/case.ts';
import {
  attack,
  bytes,
  CREATE,
  create,
  created,
  each,
  forbidden,
  forwarded,
  host,
  refused,
  unread,
} from '../corpus/write.ts';
import { A_NUMBERS } from './a-numbers.ts';
import { HOST_CONFIG_KEYS, spellings } from './host-config-keys.ts';

/** Section A: what JSON means to the gateway and what it means to Go. */

const operation = 'ContainerCreate';
const CASE = refused(400, 'body-field-case', { operation });
const TWICE = refused(400, 'body-field-duplicate', { operation });
const NOT_JSON = refused(400, 'body-json', { operation });
const UNKNOWN = refused(400, 'body-field-unknown', { operation });
const TYPE = refused(400, 'body-field-type', { operation });
const TOO_LARGE = refused(413, 'body-too-large', { operation });

const PLAIN = '{"Image":"busybox"}';
const plain = created(PLAIN);

const inHost = (members: string): string => `{"Image":"busybox","HostConfig":{${members}}}`;

/** A body with `\ud800` and the like in it, which JSON.stringify would not write. */
const raw = (text: string): Buffer => Buffer.from(text, 'latin1');

const everySpelling: Attempt[] = Object.entries(HOST_CONFIG_KEYS).flatMap(([key, value]) =>
  spellings(key).map((spelling) => ({
    name: spelling,
    bytes: create(inHost(`${JSON.stringify(spelling)}:${JSON.stringify(value)}`)),
  })),
);

const atTheTop: Attempt[] = Object.entries(HOST_CONFIG_KEYS)
  .filter(([, value]) => JSON.stringify(value) !== '[]')
  .flatMap(([key, value]) =>
    [key, ...spellings(key)].map((spelling) => ({
      name: spelling,
      bytes: create(`{"Image":"busybox",${JSON.stringify(spelling)}:${JSON.stringify(value)}}`),
    })),
  );

/** Deeper structs, each with one key in another case. */
const nested: readonly (readonly [path: string, members: string])[] = [
  ['Mounts[0].type', '"Mounts":[{"type":"bind","Source":"/","Target":"/h"}]'],
  ['Mounts[0].\u017fource', '"Mounts":[{"Type":"bind","\u017fource":"/","Target":"/h"}]'],
  [
    'Mounts[1].source',
    '"Mounts":[{"Type":"tmpfs","Target":"/t"},{"Type":"bind","source":"/","Target":"/h"}]',
  ],
  [
    'Mounts[0].bindOptions',
    '"Mounts":[{"Type":"bind","Target":"/h","bindOptions":{"Propagation":"rshared"}}]',
  ],
  [
    'Mounts[0].BindOptions.propagation',
    '"Mounts":[{"Type":"bind","Target":"/h","BindOptions":{"propagation":"rshared"}}]',
  ],
  [
    'Mounts[0].volumeOptions',
    '"Mounts":[{"Type":"volume","Target":"/h","volumeOptions":{"DriverConfig":{"Options":{"o":"bind"}}}}]',
  ],
  [
    'Mounts[0].VolumeOptions.driverconfig',
    '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"driverconfig":{"Options":{"o":"bind"}}}}]',
  ],
  [
    'Mounts[0].VolumeOptions.DriverConfig.options',
    '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"options":{"o":"bind"}}}}]',
  ],
  [
    'Mounts[0].VolumeOptions.DriverConfig.Option\u017f',
    '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Option\u017f":{"o":"bind"}}}}]',
  ],
  ['LogConfig.type', '"LogConfig":{"type":"none"}'],
  ['LogConfig.config', '"LogConfig":{"config":{"syslog-address":"unix:///x"}}'],
  ['RestartPolicy.name', '"RestartPolicy":{"name":"always"}'],
  ['Devices[0].pathOnHost', '"Devices":[{"pathOnHost":"/dev/sda"}]'],
  ['DeviceRequests[0].driver', '"DeviceRequests":[{"driver":"nvidia"}]'],
  ['Ulimits[0].hard', '"Ulimits":[{"Name":"nofile","hard":9}]'],
  ['PortBindings["80/tcp"][0].hostPort', '"PortBindings":{"80/tcp":[{"hostPort":"22"}]}'],
];

/** The same thing said twice, at every depth and by every way of saying it. */
const twice: Readonly<Record<string, string>> = {
  'at the top': '{"Image":"busybox","Image":"evil"}',
  HostConfig: '{"Image":"busybox","HostConfig":{},"HostConfig":{"Privileged":true}}',
  'an escape hides it': '{"Image":"busybox","HostConfig":{},"HostConfi\\u0067":{"Privileged":true}}',
  'in HostConfig': inHost('"Privileged":false,"Privileged":true'),
  'an escape in HostConfig': inHost('"Privileged":false,"\\u0050rivileged":true'),
  'the last one is null': inHost('"Privileged":true,"Privileged":null'),
  'the same value': inHost('"Privileged":false,"Privileged":false'),
  'in a mount': inHost('"Mounts":[{"Type":"tmpfs","Target":"/t","Type":"bind"}]'),
  'in a driver': inHost(
    '"Mounts":[{"Type":"volume","Target":"/t","VolumeOptions":{"DriverConfig":{"Name":"local","Name":"x"}}}]',
  ),
  'in a map of data': inHost('"Sysctls":{"net.ipv4.tcp_syncookies":"1","net.ipv4.tcp_syncookies":"0"}'),
  'in labels': '{"Image":"busybox","Labels":{"a":"1","a":"2"}}',
  'in what is ignored': '{"Image":"busybox","name":{"a":1,"a":2}}',
  'in what is unknown': '{"Image":"busybox","New":{"a":1,"a":2}}',
  'the empty key': '{"Image":"busybox","":1,"":2}',
  __proto__: '{"Image":"busybox","Labels":{"__proto__":"1","__proto__":"2"}}',
};

const twiceByCase: Readonly<Record<string, string>> = {
  'HostConfig and hostconfig':
    '{"Image":"busybox","HostConfig":{"Privileged":false},"hostconfig":{"privileged":true}}',
  'HostConfig and HO\u017fTCONFIG':
    '{"Image":"busybox","HostConfig":{},"HO\u017fTCONFIG":{"Privileged":true}}',
  'Privileged and PRIVILEGED': inHost('"Privileged":false,"PRIVILEGED":true'),
  'NetworkMode and Networ\u212aMode': inHost('"NetworkMode":"bridge","Networ\u212aMode":"host"'),
  'Binds and Bind\u017f': inHost('"Binds":[],"Bind\u017f":["/:/h"]'),
  'Image and image': '{"Image":"busybox","image":"evil"}',
  'the alias of docker-py and the API\u2019s name': inHost('"CpuRealtimePeriod":1,"CPURealtimePeriod":2'),
  'unknown ones': '{"Image":"busybox","New":0,"NEW":1}',
  'in a mount': inHost('"Mounts":[{"Type":"tmpfs","Target":"/t","TYPE":"bind"}]'),
};

const behind: Readonly<Record<string, string>> = {
  'a second document': `${PLAIN}{"HostConfig":{"Privileged":true}}`,
  'a second document on a line of its own': `${PLAIN}\n{"HostConfig":{"Privileged":true}}\n`,
  'an array': `${PLAIN}[]`,
  'a closing bracket, which Go does not notice': `${PLAIN}]`,
  'a closing brace, which Go does not notice': `${PLAIN}}`,
  'a closing brace and more': `${PLAIN}} {"HostConfig":{"Privileged":true}}`,
  'a comma': `${PLAIN},`,
  NUL: `${PLAIN}\0`,
  'a form feed': `${PLAIN}\f`,
  'a no-break space': `${PLAIN}\u00a0`,
  'a comment': `${PLAIN}// {}`,
  'a word': `${PLAIN} null`,
};

const notUtf8: Readonly<Record<string, Buffer>> = {
  'a lone byte in a value': raw('{"Image":"a\xff"}'),
  'a lone byte in a key': raw('{"Image":"busybox","Labels":{"a\xff":"1","a\xfe":"2"}}'),
  'an overlong slash': raw('{"Image":"busybox","HostConfig":{"Binds":["\xc0\xafetc:/h"]}}'),
  'an overlong quote': raw('{"Image":"a\xc0\xa2"}'),
  'a surrogate in UTF-8': raw('{"Image":"\xed\xa0\x80"}'),
  'a pair of surrogates in UTF-8 (CESU-8)': raw('{"Image":"\xed\xa0\xbd\xed\xb8\x80"}'),
  'beyond U+10FFFF': raw('{"Image":"\xf4\x90\x80\x80"}'),
  'cut in the middle': raw('{"Image":"\xe2\x82"}'),
  'a continuation alone': raw('{"Image":"\x80"}'),
  'Latin-1 in a key': raw('{"Image":"busybox","Labels":{"caf\xe9":"1"}}'),
  'behind the document': raw('{"Image":"busybox"}\xff'),
  'an escaped half of a pair': raw('{"Image":"\\ud800"}'),
  'the halves in the wrong order': raw('{"Image":"\\udc00\\ud800"}'),
  'a half in a key': raw('{"Image":"busybox","Labels":{"a\\udfff":"1"}}'),
  'a half at the end of a pair': raw('{"Image":"\\ud83d\\ude00\\ud83d"}'),
};

const otherEncodings: Readonly<Record<string, Buffer>> = {
  'UTF-16, little end first': bytes(CREATE, Buffer.from(PLAIN, 'utf16le')),
  'UTF-16 with a mark': bytes(CREATE, Buffer.from(`\ufeff${PLAIN}`, 'utf16le')),
  'UTF-16, big end first': bytes(CREATE, Buffer.from(PLAIN, 'utf16le').swap16()),
  'UTF-32': bytes(CREATE, Buffer.from([...PLAIN].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]))),
  'UTF-7': bytes(CREATE, Buffer.from('+AHsAIg-Image+ACI:+ACI-busybox+ACIAfQ-')),
  'UTF-8 with a byte order mark': bytes(CREATE, Buffer.from(`\ufeff${PLAIN}`)),
  gzip: bytes(CREATE, Buffer.from('1f8b08000000000000ff', 'hex')),
};

const notJson: Readonly<Record<string, string>> = {
  'single quotes': "{'Image':'busybox'}",
  'a bare key': '{Image:"busybox"}',
  'a comma at the end': '{"Image":"busybox",}',
  'a comma at the end of a list': '{"Image":"busybox","Env":["a",]}',
  'a comment': '{"Image":"busybox"/* */}',
  'a tab in a string': '{"Image":"busy\tbox"}',
  'a line feed in a string': '{"Image":"busy\nbox"}',
  'NUL in a string': '{"Image":"busy\0box"}',
  'an escape that is none': '{"Image":"busy\\xbox"}',
  'half an escape': '{"Image":"\\u12"}',
  'no closing brace': '{"Image":"busybox"',
  'no closing quote': '{"Image":"busybox}',
  'a backslash before the closing quote': '{"Image":"busybox\\"}',
  NaN: inHost('"Memory":NaN'),
  Infinity: inHost('"Memory":-Infinity'),
  True: inHost('"Privileged":True'),
  undefined: inHost('"Privileged":undefined'),
  'white space alone': '   ',
  'a brace in the wrong place': '}{',
};

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const wrongTypes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['"true"', '"false"', '1', '0', '""', '[]', '{}', '[true]', '{"a":true}', '1e0'].map((value) => [
      `Privileged ${value}`,
      inHost(`"Privileged":${value}`),
    ]),
  ),
  ...Object.fromEntries(
    ['[]', '"x"', 'true', '1', '[{"Privileged":true}]'].map((value) => [
      `HostConfig ${value}`,
      `{"Image":"busybox","HostConfig":${value}}`,
    ]),
  ),
  'Image as a list': '{"Image":["busybox"]}',
  'Image as a number': '{"Image":1}',
  'Binds as a string': inHost('"Binds":"/:/h"'),
  'Binds as an object': inHost('"Binds":{"0":"/:/h"}'),
  'Binds with a list in it': inHost('"Binds":[["/:/h"]]'),
  'Binds with null in it': inHost('"Binds":[null,"/:/h"]'),
  'Mounts as an object': inHost('"Mounts":{"Type":"bind","Source":"/","Target":"/h"}'),
  'Mounts with null in it': inHost('"Mounts":[null]'),
  'Mounts with a string in it': inHost('"Mounts":["/:/h"]'),
  'CapAdd with a number': inHost('"CapAdd":[21]'),
  'CapAdd as an object': inHost('"CapAdd":{"0":"SYS_ADMIN"}'),
  'CapAdd with null in it': inHost('"CapAdd":["CHOWN",null]'),
  'Sysctls as a list': inHost('"Sysctls":["a=b"]'),
  'Sysctls with a number': inHost('"Sysctls":{"net.ipv4.tcp_syncookies":1}'),
  'Labels as a list': '{"Image":"busybox","Labels":["a=b"]}',
  'Env as a string': '{"Image":"busybox","Env":"A=b"}',
  'Env as an object': '{"Image":"busybox","Env":{"A":"b"}}',
  'PortBindings with a string': inHost('"PortBindings":{"80/tcp":"22"}'),
  'Init as a string': inHost('"Init":"/evil"'),
  'DeviceRequests, Capabilities one list too few': inHost('"DeviceRequests":[{"Capabilities":["gpu"]}]'),
  'the whole body a list': '[{"Image":"busybox"}]',
  'the whole body a string': '"{\\"Image\\":\\"busybox\\"}"',
  'the whole body a number': '1',
  'the whole body true': 'true',
};

const prototypes: Readonly<Record<string, string>> = {
  'constructor.prototype': '{"constructor":{"prototype":{"allow":true}},"Image":"busybox"}',
  __proto__: '{"__proto__":{"Image":"evil","HostConfig":{"Privileged":true}},"Image":"busybox"}',
  '__proto__ in HostConfig': inHost('"__proto__":{"Privileged":true}'),
  'constructor in a mount': inHost('"Mounts":[{"Type":"tmpfs","Target":"/t","constructor":{"a":1}}]'),
  'prototype, toString, hasOwnProperty': '{"Image":"busybox","prototype":1,"toString":1,"hasOwnProperty":1}',
};

const unknown: Readonly<Record<string, string>> = {
  'in HostConfig': inHost('"NewFutureField":{"HostPath":"/"}'),
  'at the top': '{"Image":"busybox","NewFutureField":"/"}',
  'in a mount': inHost('"Mounts":[{"Type":"tmpfs","Target":"/t","NewFutureOptions":{"Source":"/"}}]'),
  'in a driver': inHost(
    '"Mounts":[{"Type":"volume","Target":"/t","VolumeOptions":{"DriverConfig":{"New":1}}}]',
  ),
  'in a device request': inHost('"DeviceRequests":[{"New":"x"}]'),
  'in a log config': inHost('"LogConfig":{"New":"x"}'),
  'in an endpoint': '{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"n":{"New":"x"}}}}',
  'in a health check': '{"Image":"busybox","Healthcheck":{"New":"x"}}',
  'of a later version': inHost(
    '"Mounts":[{"Type":"volume","Source":"v","Target":"/t","VolumeOptions":{"Subpath":"../.."}}]',
  ),
  'of an earlier version': inHost('"Capabilities":["SYS_ADMIN"]'),
  'of Windows, by a name that no API has': inHost('"InitPath":"/bin/sh"'),
  'a list with null in it': inHost('"New":[null]'),
  'an object with an empty key': inHost('"New":{"":null}'),
  'a number that is zero in a way of its own': inHost('"New":0e9'),
  'text of one space': inHost('"New":" "'),
};

const zero = ['null', 'false', '0', '-0', '0.0', '""', '[]', '{}'];

const exec = (body: string): string => json('POST /v1.41/containers/alicec/exec', body);
const execRefused = (reason: string) => refused(400, reason, { operation: 'ContainerExec' });

const padded = (length: number): string => `${' '.repeat(length - PLAIN.length)}${PLAIN}`;
const chunked = (body: string): string =>
  `${CREATE} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
  `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

export const A_JSON: readonly Case[] = [
  attack('A001', 'keys in lower case', create('{"Image":"busybox","hostconfig":{"privileged":true}}'), CASE, {
    danger: { container: { 'HostConfig.Privileged': true } },
  }),
  attack('A001', 'every key of HostConfig in every spelling that Go folds into it', everySpelling, CASE),
  attack(
    'A001',
    'keys of deeper structs in another case',
    nested.map(([path, members]) => ({ name: path, bytes: create(inHost(members)) })),
    CASE,
  ),
  attack(
    'A001',
    'keys outside HostConfig in another case',
    {
      IMAGE: create('{"IMAGE":"busybox"}'),
      networkingconfig: create('{"Image":"busybox","networkingconfig":{}}'),
      endpointsConfig: create('{"Image":"busybox","NetworkingConfig":{"endpointsConfig":{}}}'),
      ipamConfig: create(
        '{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"n":{"ipamConfig":{}}}}}',
      ),
      driveropts: create(
        '{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"n":{"driveropts":{"a":"b"}}}}}',
      ),
      'healthcheck.test': create('{"Image":"busybox","Healthcheck":{"test":["CMD","x"]}}'),
      'Workin\u0261Dir is another letter, WOR\u212aINGDIR is not': create(
        '{"Image":"busybox","WOR\u212aINGDIR":"/proc"}',
      ),
    },
    CASE,
  ),
  attack('A003', 'the Kelvin sign for k', create(inHost('"Networ\u212aMode":"host"')), CASE, {
    danger: { container: { 'HostConfig.NetworkMode': 'host' } },
  }),
  attack('A003', 'the long s for s', create(inHost('"Bind\u017f":["/etc:/h"]')), CASE, {
    danger: { container: { 'HostConfig.Binds': ['/etc:/h'] } },
  }),
  attack(
    'A003',
    'both, written as escapes',
    {
      '\\u212a': create(inHost('"Networ\\u212aMode":"host"')),
      '\\u017f': create(inHost('"Bind\\u017f":["/:/h"]')),
      'Ho\\u017ftConfig': create('{"Image":"busybox","Ho\\u017ftConfig":{"Privileged":true}}'),
      'in a mount': create(inHost('"Mount\\u017f":[{"Type":"bind","Source":"/","Target":"/h"}]')),
    },
    CASE,
  ),
  attack(
    'A005',
    'escapes in keys and values',
    create('{"Image":"busybox","HostConfi\\u0067":{"Privi\\u006ceged":true}}'),
    forbidden(operation, 'privileged'),
    { danger: { container: { 'HostConfig.Privileged': true } } },
  ),
  attack(
    'A005',
    'escapes through and through',
    {
      'every letter of the keys': create(
        '{"\\u0049mage":"busybox","\\u0048\\u006f\\u0073\\u0074\\u0043onfig":{"\\u0050\\u0072ivileged":true}}',
      ),
      'capital digits': create(inHost('"Privi\\u006Ceged":true')),
    },
    forbidden(operation, 'privileged'),
  ),
  attack(
    'A005',
    'escapes in a path of the host',
    {
      'an escaped slash': create(inHost('"Binds":["\\/etc:\\/h"]')),
      'a slash by its number': create(inHost('"Binds":["\\u002fetc\\u003a/h"]')),
      'dots by their numbers': create(inHost('"Binds":["/a/\\u002e\\u002e/etc:/h"]')),
    },
    forbidden(operation, 'host-path'),
  ),
  attack(
    'A007',
    'HostConfig a second time in another case',
    create(twiceByCase['HostConfig and hostconfig'] ?? ''),
    TWICE,
    {
      danger: { container: { 'HostConfig.Privileged': true } },
    },
  ),
  attack(
    'A007',
    'keys twice but for their case',
    each(Object.keys(twiceByCase), (name) => create(twiceByCase[name] ?? '')),
    TWICE,
  ),
  attack(
    'A007',
    'keys twice in the same spelling',
    each(Object.keys(twice), (name) => create(twice[name] ?? '')),
    NOT_JSON,
  ),
  attack(
    'A007',
    'keys that differ in case are two where keys are data',
    create('{"Image":"busybox","Labels":{"a":"1","A":"2"}}'),
    created('{"Image":"busybox","Labels":{"a":"1","A":"2"}}'),
  ),
  attack(
    'A009',
    'Mounts twice, of which Go makes one mount',
    create(inHost('"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}],"Mounts":[{"Target":"/data"}]')),
    NOT_JSON,
    { danger: { container: { 'HostConfig.Mounts': [{ Type: 'bind', Source: '/etc', Target: '/data' }] } } },
  ),
  attack(
    'A009',
    'lists twice but for their case',
    {
      Mounts: create(
        inHost('"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}],"mounts":[{"Target":"/data"}]'),
      ),
      Devices: create(
        inHost('"Devices":[{"PathOnHost":"/dev/sda"}],"devices":[{"PathInContainer":"/dev/x"}]'),
      ),
      DeviceRequests: create(inHost('"DeviceRequests":[{"Driver":"nvidia"}],"deviceRequests":[{}]')),
    },
    TWICE,
  ),
  attack(
    'A011',
    'fields of HostConfig at the top, without a HostConfig',
    create('{"Image":"busybox","Privileged":true,"Binds":["/:/h"],"PidMode":"host"}'),
    { ...UNKNOWN, field: 'Privileged' },
    {
      note: '400 and not 403: no API has these fields here',
      danger: {
        container: {
          'HostConfig.Privileged': true,
          'HostConfig.Binds': ['/:/h'],
          'HostConfig.PidMode': 'host',
        },
      },
    },
  ),
  attack('A011', 'every field of HostConfig at the top, in every spelling', atTheTop, UNKNOWN),
  attack(
    'A011',
    'at the top beside a HostConfig',
    {
      'HostConfig is null': create('{"Image":"busybox","HostConfig":null,"Privileged":true}'),
      'HostConfig is empty': create('{"Image":"busybox","HostConfig":{},"Privileged":true}'),
      'Memory, which fills in': create(
        '{"Image":"busybox","HostConfig":{"Privileged":false},"Memory":6291456}',
      ),
      'VolumeDriver, which fills in': create(
        '{"Image":"busybox","HostConfig":{"Binds":["v:/v"]},"VolumeDriver":"evil"}',
      ),
      Cpuset: create('{"Image":"busybox","Cpuset":"0"}'),
    },
    UNKNOWN,
  ),
  attack(
    'A011',
    'empty lists that unmask, at the top: dropped',
    create('{"Image":"busybox","MaskedPaths":[],"ReadonlyPaths":[],"Privileged":false}'),
    plain,
    {
      danger: { container: { 'HostConfig.MaskedPaths': [], 'HostConfig.ReadonlyPaths': [] } },
    },
  ),
  attack(
    'A013',
    'HostConfig twice, the last one null, and Privileged at the top',
    create('{"Image":"busybox","HostConfig":{},"HostConfig":null,"Privileged":true}'),
    NOT_JSON,
    {
      danger: { container: { 'HostConfig.Privileged': true } },
    },
  ),
  attack(
    'A013',
    'null for what was said before',
    {
      HostConfig: create('{"Image":"busybox","HostConfig":{"Privileged":true},"HostConfig":null}'),
      Mounts: create(inHost('"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}],"Mounts":null')),
      SecurityOpt: create(inHost('"SecurityOpt":["no-new-privileges"],"SecurityOpt":null')),
    },
    NOT_JSON,
  ),
  attack(
    'A013',
    'null is the same as nothing',
    {
      'the whole of HostConfig': create('{"Image":"busybox","HostConfig":null}'),
      NetworkingConfig: create('{"Image":"busybox","NetworkingConfig":null,"Labels":null,"Cmd":null}'),
    },
    plain,
  ),
  attack(
    'A015',
    'a second document',
    create(`{"Image":"busybox"}{"HostConfig":{"Privileged":true}}`),
    NOT_JSON,
    {
      danger: { container: { 'HostConfig.Privileged': false } },
    },
  ),
  attack(
    'A015',
    'something behind the document',
    each(Object.keys(behind), (name) => create(Buffer.from(behind[name] ?? ''))),
    NOT_JSON,
  ),
  attack('A015', 'white space around the document', create(` \t\r\n${PLAIN} \t\r\n`), plain),
  attack(
    'A017',
    'a bare string for a list',
    create(inHost('"CapAdd":"SYS_ADMIN"')),
    forbidden(operation, 'capability'),
    {
      danger: { container: { 'HostConfig.CapAdd': ['SYS_ADMIN'] } },
    },
  ),
  attack(
    'A017',
    'bare strings that ask for more',
    {
      'in small letters': create(inHost('"CapAdd":"all"')),
      'with the prefix': create(inHost('"CapAdd":"CAP_SYS_PTRACE"')),
      'an escape': create(inHost('"CapAdd":"\\u0053YS_ADMIN"')),
      'one that no kernel knows': create(inHost('"CapAdd":"SYS_ADMIN,CHOWN"')),
      'the empty one': create(inHost('"CapAdd":""')),
    },
    forbidden(operation, 'capability'),
  ),
  attack(
    'A017',
    'bare strings where they are harmless come out as lists',
    create(
      '{"Image":"busybox","Cmd":"id","Entrypoint":"/bin/sh","Shell":"/bin/sh","HostConfig":{"CapDrop":"ALL","CapAdd":"CHOWN"}}',
    ),
    created(
      '{"Cmd":["id"],"Image":"busybox","Entrypoint":["/bin/sh"],"Shell":["/bin/sh"],"HostConfig":{"CapAdd":["CHOWN"],"CapDrop":["ALL"]}}',
    ),
  ),
  ...A_NUMBERS,
  attack(
    'A021',
    'a word or a number for a boolean',
    {
      '"true"': create(inHost('"Privileged":"true"')),
      '1': create(inHost('"Privileged":1')),
    },
    { ...TYPE, field: 'HostConfig.Privileged' },
    { danger: { status: 500, answer: /cannot unmarshal/ } },
  ),
  attack(
    'A021',
    'values of another type',
    each(Object.keys(wrongTypes), (name) => create(wrongTypes[name] ?? '')),
    TYPE,
  ),
  attack(
    'A023',
    'bytes that are not UTF-8',
    create(raw('{"Image":"busybox","Labels":{"a\xff":"1","a\xfe":"2"}}')),
    NOT_JSON,
    {
      danger: { container: { 'Config.Labels': { 'a\ufffd': '2' } } },
    },
  ),
  attack(
    'A023',
    'text that has no code points',
    each(Object.keys(notUtf8), (name) => create(notUtf8[name] ?? '')),
    NOT_JSON,
  ),
  attack(
    'A023',
    'text from outside ASCII that is whole goes through',
    create('{"Image":"busybox","Labels":{"\ud83d\ude00":"\\ud83d\\ude00","\ufffd":"\ufeff"}}'),
    created('{"Image":"busybox","Labels":{"\ud83d\ude00":"\ud83d\ude00","\ufffd":"\ufeff"}}'),
  ),
  attack(
    'A025',
    'UTF-16 that says so',
    bytes(CREATE, Buffer.from(PLAIN, 'utf16le'), 'application/json; charset=utf-16'),
    unread(415, 'content-type-malformed', 'content-type'),
    { note: '415 and not 400', danger: { status: 500, answer: /invalid character/ } },
  ),
  attack(
    'A025',
    'UTF-8 under another name',
    each(
      ['utf-16', 'utf-7', 'iso-8859-1', 'utf8', 'UTF-8; x=y', '', '"utf-8', "'utf-8'", 'utf-8, text/plain'],
      (charset) => bytes(CREATE, Buffer.from(PLAIN), `application/json; charset=${charset}`),
    ),
    unread(415, 'content-type-malformed', 'content-type'),
  ),
  attack('A025', 'other encodings that do not say so', otherEncodings, NOT_JSON),
  attack(
    'A025',
    'no JSON',
    each(Object.keys(notJson), (name) => create(notJson[name] ?? '')),
    NOT_JSON,
  ),
  attack(
    'A025',
    'a coding of the content, which the Engine does not read',
    http(
      CREATE,
      'Content-Type: application/json',
      'Content-Encoding: gzip',
      `Content-Length: ${PLAIN.length}`,
      '',
      PLAIN,
    ),
    plain,
  ),
  attack(
    'A027',
    'names of JavaScript\u2019s own as fields',
    each(Object.keys(prototypes), (name) => create(prototypes[name] ?? '')),
    UNKNOWN,
  ),
  attack(
    'A027',
    'names of JavaScript\u2019s own as data stay data',
    create('{"Image":"busybox","Labels":{"__proto__":"x","constructor":"y","toString":"z"}}'),
    created('{"Image":"busybox","Labels":{"__proto__":"x","constructor":"y","toString":"z"}}'),
  ),
  attack(
    'A027',
    '__proto__ among options is judged like any other',
    each([{ LogConfig: { Type: 'json-file', Config: JSON.parse('{"__proto__":"x"}') } }], (value) =>
      host(value),
    ),
    forbidden(operation, 'log-driver'),
  ),
  attack(
    'A027',
    '__proto__ as a sysctl',
    host({ Sysctls: JSON.parse('{"__proto__":"1"}') }),
    forbidden(operation, 'sysctl'),
  ),
  attack(
    'A027',
    '__proto__ as a driver option',
    host({
      Mounts: [
        {
          Type: 'volume',
          Source: 'vol',
          Target: '/v',
          VolumeOptions: { DriverConfig: { Options: JSON.parse('{"__proto__":"/"}') } },
        },
      ],
    }),
    forbidden(operation, 'volume-driver-options'),
  ),
  attack(
    'A027',
    '__proto__ as an annotation',
    host({ Annotations: JSON.parse('{"__proto__":"/"}') }),
    forbidden(operation, 'annotation'),
  ),
  attack(
    'A027',
    '__proto__ as an option of the storage driver',
    host({ StorageOpt: JSON.parse('{"__proto__":"/"}') }),
    forbidden(operation, 'storage-option'),
  ),
  attack(
    'A027',
    '__proto__ as the name of a network',
    create({
      Image: 'busybox',
      NetworkingConfig: { EndpointsConfig: JSON.parse('{"__proto__":{"DriverOpts":{"a":"b"}}}') },
    }),
    forbidden(operation, 'endpoint-option'),
  ),
  attack(
    'A027',
    '__proto__ as a port',
    host({ PortBindings: JSON.parse('{"__proto__":[{"HostPort":"80"}]}') }),
    forbidden(operation, 'privileged-port'),
  ),
  attack(
    'A029',
    'a length of 64 MiB',
    `${CREATE} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: 67108864\r\n\r\n${' '.repeat(4096)}`,
    TOO_LARGE,
  ),
  attack(
    'A029',
    'more than 4 MiB, whatever it is made of',
    {
      'white space before the document': chunked(padded(4_194_305)),
      'a key of padding': chunked(`{"Image":"busybox","${'x'.repeat(4_194_304)}":0}`),
      'white space by length': create(padded(4_194_305)),
    },
    TOO_LARGE,
  ),
  attack('A029', '4 MiB of white space are read', create(padded(4_194_304)), plain),
  attack(
    'A029',
    'nesting',
    {
      '65 levels': create(`{"Image":"busybox","name":${deep(65)}}`),
      '10,000 levels': create(`{"Image":"busybox","name":${deep(10_000)}}`),
      '100,000 levels that never end': create(`{"Image":"busybox","name":${'['.repeat(100_000)}`),
      '100,000 objects': create(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    },
    NOT_JSON,
  ),
  attack('A031', 'a field that nobody knows', create(unknown['in HostConfig'] ?? ''), {
    ...UNKNOWN,
    field: 'HostConfig.NewFutureField',
  }),
  attack(
    'A031',
    'fields that nobody knows, anywhere',
    each(Object.keys(unknown), (name) => create(unknown[name] ?? '')),
    UNKNOWN,
  ),
  attack(
    'A031',
    'a field that nobody knows and that asks for nothing is dropped',
    each(zero, (value) =>
      create(`{"Image":"busybox","HostConfig":{"NewFutureField":${value}},"New":${value}}`),
    ),
    created('{"Image":"busybox","HostConfig":{}}'),
  ),
  attack(
    'A033',
    'an exec with Privileged in another case',
    exec('{"Cmd":["id"],"privileged":true}'),
    execRefused('body-field-case'),
  ),
  attack(
    'A033',
    'an exec with Privileged twice',
    exec('{"Cmd":["id"],"Privileged":false,"PRIVILEGED":true}'),
    execRefused('body-field-duplicate'),
  ),
  attack(
    'A033',
    'an exec with Privileged twice in one spelling',
    exec('{"Cmd":["id"],"Privileged":false,"Privileged":true}'),
    execRefused('body-json'),
  ),
  attack(
    'A033',
    'an exec with Privileged, plainly and by escapes',
    {
      plainly: exec('{"Cmd":["id"],"Privileged":true}'),
      'by escapes': exec('{"Cmd":["id"],"Privi\\u006ceged":true}'),
    },
    forbidden('ContainerExec', 'privileged'),
  ),
  attack(
    'A033',
    'an exec with other things that are not its own',
    {
      HostConfig: exec('{"Cmd":["id"],"HostConfig":{"Privileged":true}}'),
      CapAdd: exec('{"Cmd":["id"],"CapAdd":["ALL"]}'),
      'a name of another time': exec('{"Cmd":["id"],"NoNewPrivileges":false,"ExecIDs":["x"]}'),
    },
    execRefused('body-field-unknown'),
  ),
  attack(
    'A033',
    'exec start with a key in another case',
    json('POST /v1.41/exec/abc/start', '{"Detach":false,"detach":true}'),
    refused(400, 'body-field-duplicate', { operation: 'ExecStart' }),
  ),
  attack(
    'A033',
    'an exec that is judged is written anew',
    exec(' {"User":"","Tty":false, "Cmd" : ["id"],"Privileged":false,"New":null}'),
    forwarded(
      'POST /v1.41/containers/alicec/exec',
      'ContainerExec',
      '{"User":"","Privileged":false,"Tty":false,"Cmd":["id"]}',
    ),
  ),
  attack(
    'A035',
    'the label of an owner',
    create('{"Image":"busybox","Labels":{"io.quaywarden.owner":"bob"}}'),
    refused(403, 'own-label', { operation, field: 'Labels["io.quaywarden.owner"]' }),
    { danger: { container: { 'Config.Labels': { 'io.quaywarden.owner': 'bob' } } } },
  ),
  attack(
    'A035',
    'labels shadowed by another case',
    create('{"labels":{"io.quaywarden.owner":"bob"},"Labels":{},"Image":"busybox"}'),
    CASE,
    {
      danger: { container: { 'Config.Labels': { 'io.quaywarden.owner': 'bob' } } },
    },
  ),
  attack(
    'A035',
    'labels of the gateway by every door',
    {
      'the tenant': create('{"Image":"busybox","Labels":{"io.quaywarden.tenant":"team-b"}}'),
      'no value': create('{"Image":"busybox","Labels":{"io.quaywarden.tenant":""}}'),
      null: create('{"Image":"busybox","Labels":{"io.quaywarden.tenant":null}}'),
      'the bare prefix': create('{"Image":"busybox","Labels":{"io.quaywarden":"x"}}'),
      'in capitals': create('{"Image":"busybox","Labels":{"IO.QuayWarden.Owner":"bob"}}'),
      'by escapes': create('{"Image":"busybox","Labels":{"io\\u002equaywarden\\u002eowner":"bob"}}'),
      'among others': create('{"Image":"busybox","Labels":{"a":"b","io.quaywarden.owner":"bob"}}'),
      'of a volume that is made with it': host({
        Mounts: [
          { Type: 'volume', Target: '/v', VolumeOptions: { Labels: { 'io.quaywarden.owner': 'bob' } } },
        ],
      }),
    },
    refused(403, 'own-label', { operation }),
  ),
  attack(
    'A035',
    'labels of the gateway on a volume',
    json('POST /v1.41/volumes/create', '{"Name":"v","Labels":{"io.quaywarden.owner":"bob"}}'),
    refused(403, 'own-label', { operation: 'VolumeCreate' }),
  ),
  attack(
    'A035',
    'labels of the gateway on a network',
    json('POST /v1.41/networks/create', '{"Name":"n","Labels":{"io.quaywarden.owner":"bob"}}'),
    refused(403, 'own-label', { operation: 'NetworkCreate' }),
  ),
  attack(
    'A035',
    'labels that only look like the gateway\u2019s',
    create('{"Image":"busybox","Labels":{"io.quaywardenx":"1","gw.owner":"bob"}}'),
    created('{"Image":"busybox","Labels":{"io.quaywardenx":"1","gw.owner":"bob"}}'),
  ),
];
