import { http, json } from '../../support/front-door.ts';
import type { Attempt, Case } from '../corpus/case.ts';
import { attack, each, forbidden, forwarded, refused, streamed, untold } from '../corpus/write.ts';
import { C_FORMS } from './c-forms.ts';

/** Section C: what a query means, and which registries it leads to. */

const encoded = (text: string): string => encodeURIComponent(text);
const lines = (list: readonly string[]): Attempt[] => each(list, (line) => http(line));
const filters = (json: string): string => `GET /v1.41/containers/json?filters=${encoded(json)}`;
const LIST = 'GET /v1.41/containers/json';
const DUPLICATE = refused(400, 'query-duplicate');
const VALUE = refused(400, 'query-value');

/** Requests and the target that the Engine receives for them. */
function written(
  make: (target: string) => { readonly received: string },
  pairs: Readonly<Record<string, string>>,
): Attempt[] {
  return Object.entries(pairs).map(([line, target]) => ({
    name: line,
    bytes: http(line),
    received: make(`${line.split(' ', 1)[0]} ${target}`).received,
  }));
}

const plain = (operation: string) => (line: string) => forwarded(line, operation);
const stream = (operation: string) => (line: string) => streamed(line, operation);

const LABEL = encoded('{"label":{"gw.owner=alice":true}}');

export const C_QUERY: readonly Case[] = [
  ...C_FORMS,
  attack(
    'C011',
    'a parameter twice, of which parsers take the first or the last',
    http('POST /v1.41/images/alice%2Fx/tag?repo=alice/x&repo=bob/app'),
    { ...DUPLICATE, field: 'repo' },
    {
      danger: { status: 404, answer: /alice\/x/ },
    },
  ),
  attack(
    'C011',
    'parameters twice in other ways',
    lines([
      'POST /v1.41/images/x/tag?repo=&repo=bob/app',
      'POST /v1.41/images/x/tag?repo=a&%72epo=bob/app',
      'POST /v1.41/images/x/tag?repo&repo=bob/app',
      'DELETE /v1.41/containers/x?force=0&force=1',
      'DELETE /v1.41/containers/x?force=1&force=1',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["a"]}')}&filters={}`,
      'POST /v1.41/build?t=a&t=b&memory=1&memory=2',
      'POST /v1.41/build?networkmode=none&networkmode=host',
      'POST /v1.41/build?remote=&remote=http://10.0.0.1/',
      'POST /v1.41/images/create?fromImage=alice/x&fromImage=evil/x',
      'POST /v1.41/containers/alicec/rename?name=a&name=bobc',
      'POST /v1.41/commit?container=alicec&container=bobc',
      'PUT /v1.41/containers/x/archive?path=/data&path=/etc',
    ]),
    DUPLICATE,
  ),
  attack(
    'C011',
    'every value of a list is judged',
    http('GET /v1.41/images/get?names=alice/a&names=bob/app'),
    {
      ...streamed('GET /v1.41/images/get?names=alice%2Fa&names=bob%2Fapp', 'ImageGetAll'),
      resource: 'image/docker.io/alice/a',
    },
    untold('bob\u2019s image is refused'),
  ),
  attack(
    'C013',
    'escapes that are none',
    lines([
      'GET /v1.41/containers/json?all=%zz',
      'GET /v1.41/containers/json?all=%',
      'GET /v1.41/containers/json?all=%4',
      'GET /v1.41/containers/json?%zz=1',
      'GET /v1.41/containers/json?all=1&%',
    ]),
    refused(400, 'query-encoding'),
    { danger: { status: 400 } },
  ),
  attack(
    'C013',
    'text that is no UTF-8',
    lines([
      'POST /v1.41/containers/x/rename?name=%ff',
      'POST /v1.41/containers/x/rename?name=%c0%af',
      'POST /v1.41/containers/x/rename?name=%ed%a0%80',
      'POST /v1.41/containers/x/rename?name=a|b#c',
    ]),
    refused(400, 'query-encoding'),
  ),
  attack(
    'C013',
    'control characters',
    lines([
      'POST /v1.41/containers/x/rename?name=a%0Ab',
      'POST /v1.41/containers/x/rename?name=a%00b',
      'POST /v1.41/containers/x/rename?name=a%0D%0Ab',
      'POST /v1.41/containers/x/rename?name=a%E2%80%A8b',
      'POST /v1.41/containers/create?name=a%1b[2J',
    ]),
    refused(400, 'query-control'),
  ),
  attack(
    'C015',
    'what is true for the Engine is told as true',
    written(stream('ContainerDelete'), {
      'DELETE /v1.41/containers/alicec?force=off': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=n': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=disabled': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=00': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=-0': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=f': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=null': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=%EF%BB%BFfalse': '/v1.41/containers/alicec?force=1',
      'DELETE /v1.41/containers/alicec?force=no%20no': '/v1.41/containers/alicec?force=1',
    }),
    streamed('', 'ContainerDelete'),
  ),
  attack(
    'C015',
    'a word that looks false and is true',
    http(`${LIST}?all=off`),
    forwarded(`${LIST}?all=1`, 'ContainerList'),
    {
      danger: { status: 200, answer: /"\/bobc"/ },
    },
  ),
  attack(
    'C015',
    'what is false for the Engine is told as false',
    written(stream('ContainerDelete'), {
      'DELETE /v1.41/containers/alicec?force=%20NO%20': '/v1.41/containers/alicec?force=0',
      'DELETE /v1.41/containers/alicec?force=None': '/v1.41/containers/alicec?force=0',
      'DELETE /v1.41/containers/alicec?force=': '/v1.41/containers/alicec?force=0',
      'DELETE /v1.41/containers/alicec?force': '/v1.41/containers/alicec?force=0',
      'DELETE /v1.41/containers/alicec?force=+false%C2%A0': '/v1.41/containers/alicec?force=0',
      'DELETE /v1.41/containers/alicec?force=FALSE': '/v1.41/containers/alicec?force=0',
    }),
    streamed('', 'ContainerDelete'),
  ),
  attack(
    'C017',
    'a false in filters counts like a true',
    written(plain('VolumeList'), {
      [`GET /v1.41/volumes?filters=${encoded('{"label":{"gw.owner=alice":false}}')}`]: `/v1.41/volumes?filters=${LABEL}`,
      [`GET /v1.41/volumes?filters=${encoded('{ "label" : ["gw.owner=alice","gw.owner=alice"] }')}`]: `/v1.41/volumes?filters=${LABEL}`,
      [`GET /v1.41/volumes?filters=${encoded('{"la\\u0062el":["gw.owner=alice"]}')}`]: `/v1.41/volumes?filters=${LABEL}`,
    }),
    forwarded('', 'VolumeList'),
    { danger: { status: 200, answer: /"Volumes":(null|\[\])/ } },
  ),
  attack(
    'C017',
    'filters with two readings',
    lines([
      filters('{"label":["a"],"label":[]}'),
      filters('{"label":{"a":true,"a":false}}'),
      filters('{"label":["a"]}{}'),
      filters('{"label":["a"],"name":{"b":true}}'),
      filters('[]'),
      filters('"label"'),
      filters('1'),
      filters('{"label":"a"}'),
      filters('{"label":{"a":1}}'),
      filters('{"label":{"a":"true"}}'),
      filters('{"label":[1]}'),
      filters('{"label":[["a"]]}'),
      filters('{"label":["\\ud800"]}'),
      filters('{"label":["a",]}'),
      filters("{'label':['a']}"),
      filters('\ufeff{"label":["a"]}'),
    ]),
    { ...VALUE, field: 'filters' },
  ),
  attack(
    'C019',
    'filters that filter nothing',
    written(plain('VolumeList'), {
      'GET /v1.41/volumes?filters=null': '/v1.41/volumes',
      'GET /v1.41/volumes?filters={}': '/v1.41/volumes',
      'GET /v1.41/volumes?filters=': '/v1.41/volumes',
      [`GET /v1.41/volumes?filters=${encoded('{"label":[]}')}`]: `/v1.41/volumes?filters=${encoded('{"label":{}}')}`,
      [`GET /v1.41/volumes?filters=${encoded('{"label":null}')}`]: `/v1.41/volumes?filters=${encoded('{"label":{}}')}`,
    }),
    forwarded('', 'VolumeList'),
    { ...untold('the answer holds her own volumes only'), danger: { status: 200, answer: /"bobv"/ } },
  ),
  attack(
    'C021',
    'filters that ask after others',
    written(plain('ContainerList'), {
      [filters('{"before":["bobc"]}')]:
        `/v1.41/containers/json?filters=${encoded('{"before":{"bobc":true}}')}`,
      [filters('{"since":["bobc"]}')]: `/v1.41/containers/json?filters=${encoded('{"since":{"bobc":true}}')}`,
      [filters('{"ancestor":["bob/app"]}')]:
        `/v1.41/containers/json?filters=${encoded('{"ancestor":{"bob/app":true}}')}`,
      [filters('{"volume":["bobv"]}')]:
        `/v1.41/containers/json?filters=${encoded('{"volume":{"bobv":true}}')}`,
      [filters('{"name":["^/bob"]}')]: `/v1.41/containers/json?filters=${encoded('{"name":{"^/bob":true}}')}`,
      'GET /v1.41/containers/json?before=bobc': '/v1.41/containers/json?before=bobc',
    }),
    forwarded('', 'ContainerList'),
    { ...untold('the answer does not tell whether bob has such an object'), danger: { status: 200 } },
  ),
  attack(
    'C021',
    'parameters that this operation does not have',
    lines([
      'GET /v1.41/containers/json?ALL=1',
      'GET /v1.41/containers/json?filters[label]=a',
      'GET /v1.41/containers/json?evil=1',
      'GET /v1.41/containers/json?all%20=1',
      'GET /v1.41/containers/json?=1',
      'GET /v1.41/info?filters={}',
      'GET /v1.41/info?x=/auth',
      'POST /v1.41/containers/create?HostConfig.Privileged=1',
      'POST /v1.41/containers/x/start?Privileged=1',
    ]),
    refused(400, 'query-unknown'),
  ),
  attack(
    'C021',
    'what looks like /auth is a value',
    http('GET /v1.41/containers/json?before=x/auth'),
    forwarded('GET /v1.41/containers/json?before=x%2Fauth', 'ContainerList'),
  ),
  attack(
    'C021',
    'one spelling of what has several',
    written(plain('ContainerList'), {
      'GET /v1.41/containers/json?%61ll=1': '/v1.41/containers/json?all=1',
      'GET /v1.41/containers/json?before=a+b': '/v1.41/containers/json?before=a%20b',
      'GET /v1.41/containers/json?limit=5&all=true': '/v1.41/containers/json?all=1&limit=5',
      'GET /v1.41/containers/json?&&all=1&': '/v1.41/containers/json?all=1',
      'GET /v1.41/containers/json?trunc_cmd=0&all=1': '/v1.41/containers/json?all=1',
      'GET /v1.41/containers/json?limit=9007199254740993': '/v1.41/containers/json?limit=9007199254740993',
    }),
    forwarded('', 'ContainerList'),
  ),
  attack(
    'C023',
    'semicolons',
    lines([
      'GET /v1.41/networks/none?verbose=1;x',
      'GET /v1.41/containers/json?all=0;all=1',
      'POST /v1.41/swarm/update?version=1;rotateManagerToken=1',
      'POST /v1.41/containers/x/rename?name=a;name=b',
    ]),
    refused(400, 'query-separator'),
    { danger: { status: 400 } },
  ),
  attack(
    'C023',
    'numbers that are none',
    lines([
      'POST /v1.41/swarm/update?version=1e3',
      'POST /v1.41/build?memory=9223372036854775808',
      'POST /v1.41/build?memory=0x10',
      'POST /v1.41/build?memory=%2B5',
      'POST /v1.41/build?memory=1_0',
      'GET /v1.41/networks/none?verbose=yes',
      'POST /v1.41/containers/x/resize?h=1.0&w=1',
      'GET /v1.41/containers/json?limit=ten',
    ]),
    VALUE,
  ),
  attack(
    'C025',
    'another\u2019s image beside one of her own',
    http('GET /v1.41/images/get?names=alice/a&names=bob/app'),
    streamed('GET /v1.41/images/get?names=alice%2Fa&names=bob%2Fapp', 'ImageGetAll'),
    untold('403: bob\u2019s image is not hers'),
  ),
  attack(
    'C025',
    'several images for whom no grant names them',
    http('GET /v1.41/images/get?names=alice/a&names=bob/app'),
    refused(403, 'not-granted', { operation: 'ImageGetAll' }),
    { as: 'viewer' },
  ),
  attack(
    'C027',
    'a search at an address',
    each(
      [
        '10.0.0.1:5000/x',
        '127.0.0.1/x',
        '169.254.169.254/latest',
        'localhost:5000/x',
        '[::1]:5000/x',
        '0x7f000001:80/x',
        '2130706433:80/x',
        '10.1:5000/x',
        'metadata.localhost:80/x',
        'LOCALHOST:5000/x',
      ],
      (term) => http(`GET /v1.41/images/search?term=${encoded(term)}`),
    ),
    forbidden('ImageSearch', 'registry-address'),
  ),
  attack(
    'C027',
    'a search at what is no registry and leads to an address',
    each(
      [
        '[fe80::1%25eth0]:5000/x',
        '169.254.169.254#.example.com/x',
        '169.254.169.254?.example.com/x',
        'user:secret@localhost/x',
        '127.0.0.1:/x',
      ],
      (term) => http(`GET /v1.41/images/search?term=${encoded(term)}`),
    ),
    refused(400, 'image-name', { operation: 'ImageSearch' }),
  ),
  attack(
    'C027',
    'what a registry at an address has',
    each(['10.0.0.1:5000/x', '127.0.0.1:5000/x', 'localhost/x', 'localhost:5000/x'], (name) =>
      http(`GET /v1.41/distribution/${name}/json`),
    ),
    forbidden('DistributionInspect', 'registry-address'),
  ),
  attack(
    'C027',
    'a log-in at an address',
    each(
      [
        'http://10.0.0.1',
        '10.0.0.1:5000',
        'https://127.0.0.1/v2/',
        'localhost',
        'http://user:pass@169.254.169.254/',
        'https://[::1]',
        'http://10.0.0.1#registry.example.com',
        'http://10.0.0.1?registry.example.com',
        ' 10.0.0.1',
        'registry.example.com@10.0.0.1',
      ],
      (serveraddress) => json('POST /v1.41/auth', JSON.stringify({ serveraddress })),
    ),
    forbidden('SystemAuth', 'registry-address'),
    { danger: { status: 500 } },
  ),
  attack(
    'C027',
    'a pull from an address',
    lines([
      'POST /v1.41/images/create?fromImage=10.0.0.1:5000/x&tag=1',
      'POST /v1.41/images/create?fromImage=localhost/x&tag=1',
      'POST /v1.41/images/create?fromImage=127.0.0.1:5000/x@sha256:0123456789012345678901234567890123456789012345678901234567890123',
    ]),
    forbidden('ImageCreate', 'registry-address'),
  ),
  attack(
    'C027',
    'a push to an address',
    http(
      'POST /v1.41/images/10.0.0.1:5000/x/push?tag=1',
      `X-Registry-Auth: ${Buffer.from('{}').toString('base64')}`,
    ),
    forbidden('ImagePush', 'registry-address'),
  ),
  attack(
    'C027',
    'an import from an address',
    lines([
      'POST /v1.41/images/create?fromSrc=http://10.0.0.1/x.tar&repo=alice/x',
      'POST /v1.41/images/create?fromSrc=http://169.254.169.254/latest&repo=alice/x',
    ]),
    forbidden('ImageCreate', 'registry-address', 'remote-import'),
  ),
  attack(
    'C027',
    'registries by name for whom no grant allows it',
    {
      search: http('GET /v1.41/images/search?term=10.0.0.1:5000/x'),
    },
    refused(403, 'not-granted', { operation: 'ImageSearch' }),
    { as: 'viewer' },
  ),
];
