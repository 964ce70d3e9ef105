// Makes build/quaywarden.mjs: all of Quaywarden in one file that needs Node 20.20 or newer and nothing else. Policies and
// the version, which the package has as files of their own, are carried inside.
//   node deploy/bundle.mjs [FILE]
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { options, root } from './build.mjs';

const out = process.argv[2] ?? `${root}build/quaywarden.mjs`;
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const presets = readdirSync(`${root}policies/presets`).flatMap((preset) =>
  ['preset.yaml', 'grants.csv', 'grants.test.yaml', 'compose.yaml', 'README.md'].map((file) => `presets/${preset}/${file}`),
);
const starters = ['model.conf', 'grants.csv', 'grants.test.yaml', 'tenants.csv', 'tenants.test.yaml', 'profiles.yaml'];
const carried = [...starters, ...presets].map((file) => `policies/${file}`);
const files = {
  'package.json': JSON.stringify({ name, version }),
  ...Object.fromEntries(carried.map((file) => [file, readFileSync(root + file, 'utf8')])),
};

await build({
  ...options,
  outfile: out,
  legalComments: 'eof',
  define: { QUAYWARDEN_FILES: JSON.stringify(files) },
});
chmodSync(out, 0o755);
