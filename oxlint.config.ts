import { defineConfig, type OxlintOverride } from 'oxlint'

/**
 * Which folders of `src/` each folder may import, besides itself. `compose` puts
 * the parts together and sees everything, and so does `cli`.
 */
const layers: Record<string, readonly string[]> = {
  domain: [],
  format: [],
  cgroup: ['domain'],
  cri: ['domain'],
  kube: ['domain'],
  containerd: ['domain', 'cri'],
  apiserver: ['domain', 'format'],
  scheduler: ['domain'],
  node: ['domain', 'format'],
  operate: ['domain'],
  compose: ['*'],
  cli: ['*'],
}

/** Imports that a file `depth` folders below `src/` may not make: those that climb to a foreign folder. */
function forbidden(folder: string, allowed: readonly string[], depth: number) {
  const foreign = Object.keys(layers).filter((name) => name !== folder && !allowed.includes(name))
  return {
    regex: `^${'\\.\\./'.repeat(depth)}(${foreign.join('|')})/`,
    message: `src/${folder} imports only itself${allowed.length > 0 ? ` and ${allowed.join(', ')}` : ''}.`,
  }
}

const noEffectsInDomain = {
  regex: '^node:',
  message: 'src/domain is pure: no I/O, no clock, no process.',
}

const overrides: OxlintOverride[] = Object.entries(layers)
  .filter(([, allowed]) => !allowed.includes('*'))
  .flatMap(([folder, allowed]) =>
    [1, 2, 3].map((depth) => ({
      files: [`src/${folder}/${'*/'.repeat(depth - 1)}*.ts`],
      excludeFiles: ['**/*.test.ts'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              forbidden(folder, allowed, depth),
              ...(folder === 'domain' ? [noEffectsInDomain] : []),
            ],
          },
        ],
      },
    })),
  )

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  ignorePatterns: ['src/cri/generated/**', 'dist/**', '.cache/**'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'import/no-unassigned-import': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unnecessary-type-arguments': 'off',
    'oxc/no-map-spread': 'off',
  },
  overrides: [
    ...overrides,
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['**/*.test.ts', 'test/**'],
      rules: { 'typescript/no-floating-promises': 'off' },
    },
  ],
})
