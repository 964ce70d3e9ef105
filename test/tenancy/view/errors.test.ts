import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub } from '../../../src/tenancy/view/errors.ts';
import { REAL_ERRORS } from './sight.ts';

const ID = '07ad2c92ac352e990ef2c32630f05a8efa231aea099574f976c4693491164342';
const nobodys = async () => false;
const owning =
  (...own: string[]) =>
  async (token: string) =>
    own.includes(token);
const real = (name: string) => REAL_ERRORS[name] ?? '';

describe('an error text of a real Engine', () => {
  it.each(Object.keys(REAL_ERRORS))("%s holds no id that is not the reader's", async (name) => {
    const text = await scrub(real(name), nobodys);
    expect(text).not.toMatch(/[0-9a-f]{12}/);
  });

  it('about a name that is taken says what the client needs, and not whose it is', async () => {
    expect(await scrub(real('nameConflict'), nobodys)).toBe(
      'Conflict. The container name "/bweb" is already in use. You have to choose another name.',
    );
    expect(await scrub(real('renameConflict'), nobodys)).toBe(
      'Error when allocating new name: Conflict. The container name "/bweb" is already in use. You have to choose another name.',
    );
  });

  it("about a name that the reader's own container has is whole", async () => {
    const id = /[0-9a-f]{64}/.exec(real('nameConflict'))?.[0] ?? '';
    expect(await scrub(real('nameConflict'), owning(id))).toBe(real('nameConflict'));
  });

  it('about a volume in use does not say by which containers of others', async () => {
    expect(await scrub(real('volumeInUse'), nobodys)).toBe('remove bvol: volume is in use - [[hidden]]');
    expect(await scrub(`remove v: volume is in use - [${ID}, ${'b'.repeat(64)}]`, owning(ID))).toBe(
      `remove v: volume is in use - [${ID}, [hidden]]`,
    );
  });

  it('about a secret in use does not name the services of others', async () => {
    const text =
      "rpc error: code = InvalidArgument desc = secret 'asec' is in use by the following service: ";
    expect(await scrub(real('secretInUse'), nobodys)).toBe(`${text}[hidden]`);
    expect(await scrub(real('secretInUse'), owning('asvc'))).toBe(`${text}asvc`);
    expect(await scrub("config 'x' is in use by the following services: mine, theirs", owning('mine'))).toBe(
      "config 'x' is in use by the following services: mine, [hidden]",
    );
  });

  it("about a port keeps the reader's own endpoint", async () => {
    const own = await scrub(real('port'), owning('portb'));
    expect(own).toContain('on endpoint portb ([hidden]): Bind for 0.0.0.0:8099 failed');
    expect(await scrub(real('port'), nobodys)).toContain(
      'on endpoint [hidden]: Bind for 0.0.0.0:8099 failed',
    );
  });

  it.each(['networkConflict', 'startTwice', 'ambiguous', 'ipConflict', 'serviceConflict'])(
    '%s has nothing to hide',
    async (name) => {
      expect(await scrub(real(name), nobodys)).toBe(real(name));
    },
  );
});

describe('an error text', () => {
  it('about an image that is in use does not say by which container of others', async () => {
    const text = (container: string, image: string) =>
      `conflict: unable to remove repository reference "busybox" (must force) - container ${container} is using its referenced image ${image}`;
    expect(await scrub(text('07ad2c92ac35', '77232d44d7a5'), owning('77232d44d7a5'))).toBe(
      text('[hidden]', '77232d44d7a5'),
    );
  });

  it("about active endpoints names the reader's own only", async () => {
    const text = (...endpoints: string[]) =>
      `error while removing network: network net id ${ID} has active endpoints (${endpoints.join(' ')})`;
    expect(
      await scrub(
        text('name:"bobc" id:"1234"', 'name:"web" id:"07ad2c92ac35"'),
        owning('web', ID, '07ad2c92ac35'),
      ),
    ).toBe(text('name:"[hidden]" id:"[hidden]"', 'name:"web" id:"07ad2c92ac35"'));
  });

  it("holds no id of a swarm that is not the reader's", async () => {
    const text = 'network w9la30g4cqxkduc4svwn1yuqb is in use by task 10lvbj8g3j7fkeqmpgypoh67d';
    expect(await scrub(text, owning('w9la30g4cqxkduc4svwn1yuqb'))).toBe(
      'network w9la30g4cqxkduc4svwn1yuqb is in use by task [hidden]',
    );
  });

  it('loses ids beside anything but letters and digits', async () => {
    for (const [before, after] of [
      ['sha256:', ''],
      ['br-', ')'],
      ['_', '_'],
      ['/', '/merged'],
      ['"', '"'],
      ['', '-init'],
    ]) {
      expect(await scrub(`${before}${ID}${after}`, nobodys)).toBe(`${before}[hidden]${after}`);
    }
  });

  it('keeps words, short numbers and names', async () => {
    const text =
      'Minimum memory limit allowed is 6MB; deadbeef, facade, 0x12345678, counterintuitively said "abcdefg"';
    expect(await scrub(text, nobodys)).toBe(text);
  });

  it("holds no id of others wherever it stands, and every one of the reader's", async () => {
    const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 64 });
    const piece = fc.oneof(
      fc.string().filter((text) => !/[0-9a-z]$|^[0-9a-z]/i.test(text)),
      fc.constantFrom(' ', '"', ':'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(piece, id, fc.boolean())), async (parts) => {
        const own = parts.filter(([, , mine]) => mine).map(([, text]) => text);
        const text = `${parts.map(([before, token]) => `${before} ${token} `).join('')}`;
        const shown = await scrub(text, owning(...own));
        for (const [, token] of parts) {
          if (own.includes(token)) expect(shown).toContain(token);
          else expect(shown.split(/[^0-9a-f]/)).not.toContain(token);
        }
      }),
    );
  });
});
