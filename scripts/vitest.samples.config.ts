import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['{agent,boot,media,server,scripts}/**/*.samples.test.ts'],
    testTimeout: 60_000,
  },
});
