import { expect } from 'vitest';
import type { PtyDocker } from '../support/docker.ts';
import { scenarios } from './scenarios.ts';

const PROMPT = '/ # ';

/**
 * Says the window's size whenever it is another one; ctrl-c ends it with 7. A terminal begins with no size at all:
 * the CLI tells it only when the command runs.
 */
const SIZES = [
  'trap "echo interrupted; exit 7" INT',
  'while sleep 0.1; do size=$(stty size 2>/dev/null)',
  'case $size in "$last" | "" | "0 0") ;; *) echo "$size"; last=$size;; esac; done',
].join('; ');

/**
 * Resizes the window and waits until the command has seen it. The CLI sends the first size before it listens to
 * SIGWINCH, so a signal that comes in between is lost, and is given again.
 */
async function resize(terminal: PtyDocker, rows: number, columns: number): Promise<void> {
  terminal.resize(rows, columns);
  await expect
    .poll(
      () => {
        terminal.signal('SIGWINCH');
        return terminal.output();
      },
      { timeout: 20_000, interval: 500 },
    )
    .toContain(`${rows} ${columns}\r\n`);
}

scenarios('a terminal', (scenario) => {
  scenario(
    'has the size of the window, follows a resize and hands on ctrl-c',
    async (docker) => {
      const terminal = docker.pty([
        'run',
        '-it',
        '--rm',
        '--name',
        docker.name('size'),
        'busybox',
        'sh',
        '-c',
        SIZES,
      ]);
      await terminal.waitFor('24 80\r\n');
      await resize(terminal, 40, 132);
      terminal.send('\x03');
      expect(await terminal.exit()).toBe(7);
      expect(terminal.output()).toBe('24 80\r\n40 132\r\n^Cinterrupted\r\n');
    },
    { modern: true },
  );

  scenario(
    'hands ctrl-c to what runs in the foreground',
    async (docker) => {
      const name = docker.name('ctrlc');
      const shell = docker.pty(['run', '-it', '--rm', '--name', name, 'busybox', 'sh']);
      await shell.waitFor(PROMPT);
      shell.send('sleep 100\r');
      // Until it runs, the shell itself is in the foreground, and a child that it has only just forked may miss ctrl-c.
      await expect
        .poll(async () => (await docker.bare(['top', name])).stdout, { timeout: 20_000 })
        .toMatch(/ sleep 100$/m);
      shell.send('\x03');
      await shell.waitFor(/\^C\r\n\/ # /);
      shell.send('exit\r');
      expect(await shell.exit()).toBe(130);
    },
    { modern: true },
  );

  scenario('is a terminal to the command, and a pipe is not', async (docker) => {
    const terminal = docker.pty('run -it --rm busybox tty');
    expect(await terminal.exit()).toBe(0);
    expect(terminal.output()).toBe('/dev/pts/0\r\n');
    await docker.expect('run -i --rm busybox tty', { code: 1, stdout: 'not a tty\n' });
  });

  scenario('merges standard error into standard output', async (docker) => {
    const script = 'echo out; echo err >&2';
    await docker.expect(['run', '-t', '--rm', 'busybox', 'sh', '-c', script], { stdout: 'out\r\nerr\r\n' });
  });

  scenario('is asked for in vain when standard input is none', async (docker) => {
    await docker.alike('run -it --rm busybox true', { code: 1, stderr: 'the input device is not a TTY\n' });
  });

  scenario(
    'is left with ctrl-p ctrl-q and found again by attach',
    async (docker) => {
      const name = docker.name('detach');
      const first = docker.pty(['run', '-it', '--name', name, 'busybox', 'sh']);
      await first.waitFor(PROMPT);
      first.send('kept=still-here\r');
      await first.waitFor(/here\r\n\/ # /);
      first.send('\x10\x11');
      expect(await first.exit()).toBe(0);
      await docker.expect(['inspect', '-f', '{{.State.Running}}', name], { stdout: 'true\n' });
      const second = docker.pty(['attach', name]);
      second.send('\r');
      await second.waitFor(PROMPT);
      second.send('echo "<$kept>"; exit 3\r');
      await second.waitFor('<still-here>\r\n');
      expect(await second.exit()).toBe(3);
    },
    { modern: true },
  );

  scenario(
    'is left with the keys of --detach-keys',
    async (docker) => {
      const name = docker.name('keys');
      const shell = docker.pty(['run', '-it', '--detach-keys', 'ctrl-x,z', '--name', name, 'busybox', 'sh']);
      await shell.waitFor(PROMPT);
      shell.send('\x18z');
      expect(await shell.exit()).toBe(0);
      await docker.expect(['inspect', '-f', '{{.State.Running}}', name], { stdout: 'true\n' });
    },
    { modern: true },
  );

  scenario(
    'works for exec -it with its own size and resize',
    async (docker) => {
      const name = await docker.idle('host');
      const terminal = docker.pty(['exec', '-it', name, 'sh', '-c', SIZES]);
      await terminal.waitFor('24 80\r\n');
      await resize(terminal, 50, 100);
      terminal.send('\x03');
      expect(await terminal.exit()).toBe(7);
      expect(terminal.output()).toBe('24 80\r\n50 100\r\n^Cinterrupted\r\n');
    },
    { modern: true },
  );

  scenario('leaves exec -it by its detach keys and the command goes on', async (docker) => {
    const name = await docker.idle('host');
    const shell = docker.pty(['exec', '-it', name, 'sh', '-c', 'echo up; sleep 1; touch /tmp/went-on']);
    await shell.waitFor('up\r\n');
    shell.send('\x10\x11');
    expect(await shell.exit()).toBe(1);
    expect(shell.output()).toBe('up\r\nread escape sequence\r\n');
    await expect
      .poll(async () => (await docker.bare(['exec', name, 'ls', '/tmp'])).stdout, { timeout: 5_000 })
      .toBe('went-on\n');
  });

  scenario('carries a full screen program that ends on a key', async (docker) => {
    const terminal = docker.pty([
      'run',
      '-it',
      '--rm',
      '--name',
      docker.name('top'),
      'busybox',
      'top',
      '-d',
      '60',
    ]);
    await terminal.waitFor('PID  PPID USER');
    terminal.send('q');
    expect(await terminal.exit()).toBe(0);
  });

  scenario(
    'carries 2 MB of output whole',
    async (docker) => {
      const shell = docker.pty('run -it --rm busybox seq 1 300000');
      expect(await shell.exit(30_000)).toBe(0);
      expect(shell.output().split('\r\n').length).toBe(300_001);
      expect(shell.output()).toMatch(/\n299999\r\n300000\r\n$/);
    },
    { modern: true },
  );
});
