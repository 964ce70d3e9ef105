import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('docker cp', (scenario) => {
  scenario(
    'copies a file in and out again',
    async (docker) => {
      const name = await docker.idle('box');
      const files = docker.files('in', { note: 'hello\n' });
      await docker.expect(`cp ${files}/note ${name}:/tmp/copied`, {});
      await docker.expect(`exec ${name} cat /tmp/copied`, { stdout: 'hello\n' });
      await docker.expect(`cp ${name}:/tmp/copied ${docker.folder}/back`, {});
      expect(readFileSync(`${docker.folder}/back`, 'utf8')).toBe('hello\n');
    },
    { modern: true, tenant: true },
  );

  scenario(
    'copies folders in and out again',
    async (docker) => {
      const name = await docker.idle('box');
      const files = docker.files('tree', { a: '1', 'deep/er/b': '2' });
      await docker.expect(`cp ${files} ${name}:/srv`, {});
      await docker.expect(['exec', name, 'find', '/srv', '-type', 'f'], {
        stdout: /^(\/srv\/(a|deep\/er\/b)\n){2}$/,
      });
      mkdirSync(`${docker.folder}/back`);
      await docker.expect(`cp ${name}:/srv/. ${docker.folder}/back`, {});
      expect(readFileSync(`${docker.folder}/back/deep/er/b`, 'utf8')).toBe('2');
    },
    { modern: true },
  );

  scenario(
    'takes a tar on standard input and gives one on standard output',
    async (docker) => {
      const name = await docker.idle('box');
      await docker.expect(['exec', name, 'sh', '-c', 'mkdir /data && echo kept > /data/file'], {});
      const tar = await docker.run(`cp ${name}:/data -`);
      expect(tar.code).toBe(0);
      await docker.expect(`cp - ${name}:/tmp`, {}, { input: tar.raw });
      await docker.expect(`exec ${name} cat /tmp/data/file`, { stdout: 'kept\n' });
    },
    { modern: true },
  );

  scenario('keeps modes and owners with -a', async (docker) => {
    const name = await docker.idle('box');
    const files = docker.files('in', { owned: 'x' });
    chmodSync(`${files}/owned`, 0o640);
    chownSync(`${files}/owned`, 7, 8);
    await docker.expect(`cp -a ${files}/owned ${name}:/tmp/archive`, {});
    await docker.expect(['exec', name, 'stat', '-c', '%a %u %g', '/tmp/archive'], { stdout: '640 7 8\n' });
  });

  scenario('follows a symbolic link with -L', async (docker) => {
    const name = await docker.idle('box');
    await docker.expect(['exec', name, 'sh', '-c', 'echo target > /tmp/t && ln -s t /tmp/link'], {});
    await docker.expect(`cp -L ${name}:/tmp/link ${docker.folder}/followed`, {});
    expect(readFileSync(`${docker.folder}/followed`, 'utf8')).toBe('target\n');
  });

  scenario('works on a container that does not run', async (docker) => {
    const name = docker.name('resting');
    await docker.expect(`create --name ${name} busybox cat /note`, { stdout: ID });
    const files = docker.files('in', { note: 'waiting\n' });
    await docker.expect(`cp ${files}/note ${name}:/note`, {});
    await docker.expect(`start -a ${name}`, { stdout: 'waiting\n' });
  });

  scenario(
    'carries 60 MB both ways unchanged',
    async (docker) => {
      const name = docker.name('large');
      await docker.expect(`create --name ${name} busybox`, { stdout: ID });
      const content = randomBytes(60_000_000);
      const files = docker.files('in', { large: content });
      await docker.expect(`cp ${files}/large ${name}:/large`, {});
      await docker.expect(`cp ${name}:/large ${docker.folder}/back`, {});
      expect(digest(readFileSync(`${docker.folder}/back`))).toBe(digest(content));
    },
    { modern: true },
  );

  scenario(
    'copies names with spaces, letters of other alphabets and percent signs',
    async (docker) => {
      const name = await docker.idle('box');
      const files = docker.files('in', { 'ein Büro 100%2F +&=?#': 'odd\n' });
      await docker.expect(['cp', `${files}/ein Büro 100%2F +&=?#`, `${name}:/tmp/`], {});
      await docker.expect(['cp', `${name}:/tmp/ein Büro 100%2F +&=?#`, `${docker.folder}/back`], {});
      expect(readFileSync(`${docker.folder}/back`, 'utf8')).toBe('odd\n');
    },
    { modern: true },
  );

  scenario('tells of missing paths and containers in the words of the Engine', async (docker) => {
    const name = await docker.idle('box');
    await docker.alike(`cp ${name}:/no/such ${docker.folder}/x`, {
      code: 1,
      stderr: `Error: No such container:path: ${name}:/no/such\n`,
    });
    const files = docker.files('in', { note: 'x' });
    await docker.alike(`cp ${files}/note ${name}:/no/such/folder/`, {
      code: 1,
      stderr: 'no such directory\n',
    });
    await docker.alike(`cp ${files}/note ${name}:/no/such/file`, {
      code: 1,
      stderr: `Error: No such container:path: ${name}:/no/such\n`,
    });
    const missing = docker.name('missing');
    await docker.alike(`cp ${missing}:/etc/passwd ${docker.folder}/x`, {
      code: 1,
      stderr: `Error: No such container:path: ${missing}:/etc/passwd\n`,
    });
    await docker.alike(`cp ${docker.folder}/nothing ${name}:/tmp`, {
      code: 1,
      stderr: `lstat ${docker.folder}/nothing: no such file or directory\n`,
    });
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
