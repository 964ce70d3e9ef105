/** The design's rules on imports (docs/architecture.md). */
const rule = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'Data moves one way.'),
    rule(
      'no-orphans',
      { orphan: true, pathNot: '(^src/main\\.ts$|\\.d\\.ts$)' },
      {},
      'A file nobody imports is dead.',
    ),
    rule(
      'pure-core',
      { path: '^src/(docker|policy)/', pathNot: '^src/policy/load\\.ts$' },
      {
        path: [
          '^(node:)?(fs|net|tls|http|https|http2|dgram|child_process|dns|worker_threads)($|/)',
          'node_modules/@?fastify',
        ],
      },
      'docker/ and policy/ import neither Fastify nor anything that does I/O (policy/load.ts reads its files).',
    ),
    rule(
      'core-knows-no-edges',
      { path: '^src/(docker|policy)/' },
      { path: '^src/(upstream|listener|audit|cli|gateway|pipeline)' },
      'The pure cores know nothing of the edges.',
    ),
    rule(
      'only-upstream-and-tenancy-talk-to-the-engine',
      {
        path: '^src/',
        pathNot:
          '^src/((upstream|tenancy|listener|identity|observe|cli|audit/sinks|policy-store)/|(proxy-road|late-parts)\\.ts$)',
      },
      { path: '^(node:)?(net|http|https|tls)($|/)|node_modules/undici', dependencyTypesNot: ['type-only'] },
      'Sockets are opened in upstream/ and tenancy/; the listener listens, identity fetches JWKS, observe answers probes, audit/sinks sends the log away, policy-store asks its database, cli serves doctor.',
    ),
    rule(
      'only-late-parts-loads-fastify-and-undici',
      { path: '^src/', pathNot: '^src/late-parts\\.ts$' },
      { path: 'node_modules/(@?fastify|undici)', dependencyTypesNot: ['type-only'] },
      'What imports them otherwise has every start make them (docs/decisions/0020).',
    ),
    rule('nothing-imports-cli', { path: '^src/', pathNot: '^src/(cli/|main\\.ts$)' }, { path: '^src/cli/' }),
    rule('not-to-dev-dep', { path: '^src/' }, { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] }),
    rule('not-to-unresolvable', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
