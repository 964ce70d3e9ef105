import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

/** Path of Debian's libfaketime, or undefined where it is not installed. */
export function fakeTimeLibrary(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`)
    .find((file) => existsSync(file));
}

/** A wall clock that can be set, for one process. */
export interface FakeClock {
  /** What the process is to be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts the clock that many seconds ahead of the right time, or behind it. */
  set(seconds: number): void;
  remove(): void;
}

/** The wall clock alone, as the kernel tells it to Node and to OpenSSL; the steady one goes on as it does. */
export function fakeClock(): FakeClock {
  const folder = mkdtempSync('/tmp/qwclock-');
  const file = `${folder}/offset`;
  const set = (seconds: number): void =>
    writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
  set(0);
  return {
    env: {
      LD_PRELOAD: fakeTimeLibrary() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
