import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * Bundles src/ and what it uses of node_modules/ into dist/: a gateway that has to find, read and link a thousand files needs
 * twice as long to start. What commands load on demand becomes files of its own. Types are checked before, by tsc.
 */
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.20',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  // Packages in CommonJS ask for Node's modules by a `require` that ES modules do not have.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
