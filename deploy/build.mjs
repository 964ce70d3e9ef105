// Makes dist/ of src/: `npm run build`. What else makes a program of the sources shares these options (bundle.mjs).
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The index of undici loads all there is; undici.cjs what is used of it. */
const smallUndici = {
  name: 'undici',
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: `${root}deploy/undici.cjs` }));
  },
};

/** Fastify's compilers of schemas, which the gateway gives it in their place (src/proxy-road.ts). */
const noSchemas = {
  name: 'no schemas',
  setup({ onResolve, onLoad }) {
    const filter = /^@fastify\/(?:ajv-compiler|fast-json-stringify-compiler)$/;
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'nothing' }));
    onLoad({ filter, namespace: 'nothing' }, () => ({ contents: 'throw new Error("not built");' }));
  },
};

/** What is not made at each start (src/late-parts.ts). */
const lateParts = {
  name: 'late parts',
  setup({ onResolve }) {
    onResolve({ filter: /\/late-parts\.ts$/ }, () => ({ path: `${root}deploy/late-parts.cjs` }));
  },
};

/** Of every build. Less is compiled at each start without what does not mean anything; names stay as they are in traces. */
export const options = {
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.20',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [smallUndici, noSchemas, lateParts],
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(`${root}dist`, { recursive: true, force: true });
  await build({ ...options, splitting: true, outdir: 'dist', sourcemap: true, sourcesContent: false });
}
