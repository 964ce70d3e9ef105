const HEX = 'cafe'.repeat(16);

const SOURCES = [
  ...['/etc', '//etc', '/./etc/.', '/a/../etc', '/etc/', '/', '//', '/..', '/../etc', '/a/b/../../..'],
  ...[
    '/etc//passwd',
    '/ etc',
    '/é',
    '/a\\b',
    '/a\\..\\..\\etc',
    '/etc/...',
    '/.../etc',
    '/var/run/docker.sock',
  ],
  ...['etc', './etc', '../etc', '.', '..', '~', '~/x', '~root', '$HOME', 'a', 'ab', '_x', '-x', '.x', 'x-'],
  ...[
    'FACTS',
    'facts_vol.1',
    'facts vol',
    'facts/vol',
    'facts\\vol',
    '\\etc',
    ' /etc',
    '/etc ',
    'facts-é',
    HEX,
    '',
  ],
];

const MODES = [
  ...['', 'ro', 'rw', 'z', 'Z', 'ro,z', 'z,ro', 'rw,Z', 'ro,rw', 'ro,ro', 'z,Z', 'z,z', 'shared', 'rshared'],
  ...['slave', 'rslave', 'private', 'rprivate', 'ro,rshared', 'shared,slave', 'nocopy', 'nocopy,ro'],
  ...[
    'nocopy,nocopy',
    'consistent',
    'cached',
    'delegated',
    'cached,delegated',
    'ro,cached,z',
    'RO',
    'Ro',
    ' ro',
  ],
  ...['ro ', 'ro,', ',ro', ',', 'x', 'ro:x', 'default', 'U', 'exec', 'Shared', 'ro;rw', 'read-only'],
];

const TARGETS = [
  ...['/h', 'h', './h', '../h', '/', '//', '/.', '/h/..', '/..', '\\', '\\h', '/h\\..', '\\..', '', '/h/'],
  ...['/../h', 'ro', 'rw', 'z', 'nocopy', ' /h', '/ h', '/h:', '.', '~'],
];

/** Entries of `Binds`, ordinary and odd ones. */
export const BIND_TEXTS: readonly string[] = [
  ...SOURCES.flatMap((source) => [`${source}:/h`, `${source}:/h:ro`]),
  ...MODES.flatMap((mode) => [`/etc:/h:${mode}`, `facts-vol:/h:${mode}`]),
  ...TARGETS.flatMap((target) => [target, `/etc:${target}`, `facts-vol:${target}`]),
  ...[
    '',
    ':',
    '::',
    ':::',
    ':/h',
    '::ro',
    '/etc::ro',
    '/etc:/h:ro:',
    'facts-vol:/h:ro:rw',
    'C:\\etc:/h',
    'c:/etc:/h',
  ],
].filter((text, index, all) => all.indexOf(text) === index);
