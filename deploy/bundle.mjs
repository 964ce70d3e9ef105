// Makes build/quaywarden.mjs: all of Quaywarden in one file that needs Node 20.20 or newer and nothing else. Policies and
// the version, which the package has as files of their own, are carried inside.
//   node deploy/bundle.mjs [FILE]
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = process.argv[2] ?? `${root}build/quaywarden.mjs`;
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const presets = readdirSync(`${root}policies/presets`).flatMap((preset) =>
  ['preset.yaml', 'grants.csv', 'compose.yaml', 'README.md'].map((file) => `presets/${preset}/${file}`),
);
const carried = ['model.conf', 'grants.csv', 'tenants.csv', 'profiles.yaml', ...presets].map(
  (file) => `policies/${file}`,
);
const files = {
  'package.json': JSON.stringify({ name, version }),
  ...Object.fromEntries(carried.map((file) => [file, readFileSync(root + file, 'utf8')])),
};

await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: out,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.20',
  minifySyntax: true,
  legalComments: 'eof',
  logLevel: 'warning',
  define: { QUAYWARDEN_FILES: JSON.stringify(files) },
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
chmodSync(out, 0o755);
