import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const encoded = (text: string): string => encodeURIComponent(text);

const forms: readonly [type: string, reason: string][] = [
  ['application/x-www-form-urlencoded', 'form-body'],
  ['Application/X-WWW-Form-URLEncoded', 'form-body'],
  ['application/x-www-form-urlencoded; charset=utf-8', 'form-body'],
  ['application/x-www-form-urlencoded;', 'form-body'],
  ['application/x-www-form-urlencoded\t;x=y', 'form-body'],
  ['multipart/form-data; boundary=x', 'form-body'],
  ['MULTIPART/FORM-DATA', 'form-body'],
  ['application/x-www-form-urlencoded ,application/json', 'content-type-malformed'],
  ['application/json, application/x-www-form-urlencoded', 'content-type-malformed'],
  ['multipart/mixed; boundary=x', 'content-type-malformed'],
  ['application/json\t; x', 'content-type-malformed'],
  ['application/json; charset=utf-16', 'content-type-malformed'],
  ['application', 'content-type-malformed'],
];

describe('a body that would override the query', () => {
  it.each([
    ['C001: rename', 'POST /v1.41/containers/alicec/rename?name=alice-ok', 'name=bobc2'],
    [
      'C003: prune of containers',
      `POST /v1.41/containers/prune?filters=${encoded('{"label":["gw.owner=alice"]}')}`,
      'filters={}',
    ],
    ['C003: prune of volumes', 'POST /v1.41/volumes/prune', 'filters={}'],
    ['C003: prune of networks', 'POST /v1.41/networks/prune', 'filters={}'],
    ['C003: prune of images', 'POST /v1.41/images/prune', 'filters={}'],
    ['C003: prune of the build cache', 'POST /v1.41/build/prune', 'all=1'],
    ['C005: pull', 'POST /v1.41/images/create?fromImage=allowed/x', 'fromImage=evil/x'],
    ['C005: tag', 'POST /v1.41/images/x/tag?repo=alice/x', 'repo=bob/x'],
    ['C009: a plugin', 'POST /v1.41/plugins/pull?remote=ok', 'remote=evil'],
    ['C009: build cancel', 'POST /v1.41/build/cancel?id=mine', 'id=theirs'],
    ['C009: an archive', 'PUT /v1.41/containers/x/archive?path=/data', 'path=/etc'],
  ])('%s with a urlencoded body is refused (415, the table says 400 or 403)', async (_id, line, body) => {
    const request = http(
      line,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '',
      body,
    );
    await expectRefused(door, request, {
      status: 415,
      reason: 'form-body',
      message: 'is refused everywhere, since its values would override the query',
      principal: null,
      field: 'content-type',
    });
  });

  it('C007: a build with a multipart body is refused', async () => {
    const body = '--x\r\nContent-Disposition: form-data; name="remote"\r\n\r\nhttp://evil\r\n--x--\r\n';
    const headers = ['Content-Type: multipart/form-data; boundary=x', `Content-Length: ${body.length}`];
    await expectRefused(door, http('POST /v1.41/build?t=alice/x', ...headers, '', body), {
      status: 415,
      reason: 'form-body',
      principal: null,
    });
  });

  it.each(forms)('C001: the type %j is refused on any operation', async (type, reason) => {
    const request = http(
      'POST /v1.41/containers/x/start',
      `Content-Type: ${type}`,
      'Content-Length: 3',
      '',
      'a=b',
    );
    await expectRefused(door, request, { status: 415, reason, principal: null, field: 'content-type' });
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data'])(
    'C001: the type %s is refused without a body too',
    async (type) => {
      await expectRefused(door, http('POST /v1.41/volumes/prune', `Content-Type: ${type}`), {
        status: 415,
        reason: 'form-body',
        principal: null,
      });
    },
  );

  it('C001: two Content-Types are refused', async () => {
    const types = ['Content-Type: application/json', 'Content-Type: application/x-www-form-urlencoded'];
    await expectRefused(door, http('POST /v1.41/volumes/prune', ...types), {
      status: 400,
      reason: 'header-duplicate',
      principal: null,
    });
  });

  it('C001: a form under another name reaches the Engine without its body', async () => {
    const line = 'POST /v1.41/containers/alicec/rename?name=alice-ok';
    const request = http(line, 'Content-Type: text/plain', 'Content-Length: 10', '', 'name=bobc2');
    await expectForwarded(door, request, plainly(line, 'content-length: 0'));
  });
});
