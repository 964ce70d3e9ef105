import { badArchive } from './fault.ts';

/** What an extended header changes of the entry that follows it. Texts are bytes, one character each. */
export interface Extended {
  readonly name?: string;
  readonly linkname?: string;
  readonly size?: number;
}

const LENGTH = /([1-9][0-9]{0,6}) /y;

/**
 * Reads the records of a PAX header (POSIX.1-2001): `length key=value\n`.
 *
 * @param content one character a byte
 * @throws Refusal 400 `archive-extended-header` for what is malformed, stands twice, is empty, or describes a
 *   sparse file, which Go unfolds and others do not
 */
export function readPax(content: string): Extended {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    LENGTH.lastIndex = at;
    const length = Number(LENGTH.exec(content)?.[1] ?? fail('is malformed'));
    const record = content.slice(at, at + length);
    const [, key = fail('is malformed'), value = ''] = /^[0-9]+ ([^=\0]+)=([\s\S]*)\n$/.exec(record) ?? [];
    if (record.length !== length) fail('is malformed');
    if (key.startsWith('GNU.sparse.')) fail('describes a sparse file');
    if (key === 'path' || key === 'linkpath' || key === 'size') {
      if (records.has(key)) fail(`gives ${key} twice`);
      // An empty value keeps the header's own for newer Go and removes it for older.
      if (value === '' || value.includes('\0')) fail(`has a ${key} that programs read differently`);
      records.set(key, value);
    }
    at += length;
  }
  const size = records.get('size');
  if (size !== undefined && !/^(?:0|[1-9][0-9]{0,14})$/.test(size)) fail('has a malformed size');
  return {
    ...optional('name', records.get('path')),
    ...optional('linkname', records.get('linkpath')),
    ...optional('size', size === undefined ? undefined : Number(size)),
  };
}

/**
 * Reads the content of GNU's L and K entries: a name that ends with a NUL.
 *
 * @throws Refusal 400 `archive-extended-header`
 */
export function readLongName(content: string): string {
  if (content.length < 2 || content.indexOf('\0') !== content.length - 1) {
    fail('has a long name that programs read differently');
  }
  return content.slice(0, -1);
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };
}

function fail(what: string): never {
  throw badArchive('archive-extended-header', `the archive has an extended header that ${what}`);
}
