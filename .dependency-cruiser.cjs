/**
 * Who may import whom. The picture is in docs/architecture.md; `npm run check:imports` holds the code against it.
 * `sip` stands alone; digest, transaction, transport and bindings stand on it; rpc and runtime know none of ours;
 * services know the libraries but not each other; only standalone composes services.
 */
const lib = (name) => `^libs/${name}/src/`;
const ours = '^(libs|services)/';
const tests = '(\\.test\\.ts$|/test/|/bench/|/fuzz/|^test/)';

/** A library may import the listed libraries and packages, and nothing else. */
const only = (name, libs, packages) => ({
  name: `${name}-imports`,
  comment: `libs/${name} imports ${libs.length ? libs.join(', ') : 'none of ours'}; from outside: ${packages.length ? packages.join(', ') : 'nothing'}.`,
  severity: 'error',
  from: { path: lib(name), pathNot: tests },
  to: {
    pathNot: [
      lib(name),
      ...libs.map(lib),
      ...packages.map((each) => `(^|/)node_modules/${each}/|^(node:)?${each.replace(/^node:/, '')}$`),
    ],
  },
});

/** A package that only one library may import. */
const owner = (name, packages) => ({
  name: `only-${name}-imports-its-packages`,
  comment: `${packages.join(', ')} stay behind libs/${name}.`,
  severity: 'error',
  from: { pathNot: [lib(name), tests] },
  to: { path: packages.map((each) => `node_modules/${each}/`) },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('sip', [], ['node:buffer']),
    only('digest', ['sip'], ['node:crypto', 'node:buffer']),
    only('gruu', [], ['node:crypto', 'node:buffer']),
    only('transaction', ['sip'], []),
    only('bindings', ['sip'], []),
    only('client', ['rpc'], ['node:crypto', 'node:fs']),
    only('redis', ['runtime'], ['ioredis', 'node:crypto', 'node:fs', 'node:tls']),
    only(
      'transport',
      ['sip'],
      [
        'node:dgram',
        'node:net',
        'node:os',
        'node:tls',
        'node:crypto',
        'node:dns',
        'node:dns/promises',
        'node:events',
        'node:buffer',
        'node:fs',
        'node:http',
        'node:stream',
        'ws',
      ],
    ),
    {
      name: 'rpc-and-runtime-know-none-of-ours',
      severity: 'error',
      from: { path: '^libs/(rpc|runtime)/src/', pathNot: tests },
      to: { path: ours, pathNot: ['$1'].map(() => '^libs/(rpc|runtime)/src/') },
    },
    {
      name: 'rpc-and-runtime-know-not-each-other',
      severity: 'error',
      from: { path: '^libs/(rpc|runtime)/src/' },
      to: { path: '^libs/(rpc|runtime)/src/', pathNot: '^libs/$1/src/' },
    },
    owner('rpc', ['@grpc/grpc-js', 'grpc-health-check', '@grpc/reflection']),
    owner('runtime', ['fastify', 'pino', 'prom-client', '@opentelemetry/[^/]+']),
    {
      name: 'libraries-know-no-service',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/testkit/', tests] },
      to: { path: '^services/' },
    },
    {
      name: 'services-know-not-each-other',
      comment: 'What two services share is a contract in proto/. Only standalone composes them.',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/(standalone|cli)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'cli-knows-only-standalone',
      comment: 'The command shows every configuration; standalone has the tables of all services.',
      severity: 'error',
      from: { path: '^services/cli/' },
      to: { path: '^services/', pathNot: '^services/(cli|standalone)/' },
    },
    {
      name: 'testkit-is-for-development',
      severity: 'error',
      from: { path: ours, pathNot: [tests, '^libs/testkit/'] },
      to: { path: '^libs/testkit/' },
    },
    {
      name: 'generated-types-stop-at-the-door',
      comment: 'Stubs are reached through the door of @rollcall/rpc.',
      severity: 'error',
      from: { pathNot: '^libs/rpc/' },
      to: { path: '^libs/rpc/src/gen/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/coverage/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['rollcall-source', 'import', 'node', 'default'],
    },
  },
};
