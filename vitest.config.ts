import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,boot,media,server,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.samples.test.ts'],
    testTimeout: 20_000,
    pool: 'threads',
  },
});
