/**
 * `npm run test:samples`: parsers against real public files that are not part of this project. They
 * lie in ../shared/samples (or METALWRIGHT_SAMPLES); where that folder is missing, it says so and passes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const samples = resolve(
  process.env['METALWRIGHT_SAMPLES'] ?? `${import.meta.dirname}/../../shared/samples`,
);
if (!existsSync(samples)) {
  console.log(`samples: the folder ${samples} is missing, nothing to read`);
  console.log('0 passed, 0 failed');
} else {
  const root = resolve(import.meta.dirname, '..');
  const report = join(mkdtempSync(join(tmpdir(), 'metalwright-samples-')), 'vitest.json');
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'scripts/vitest.samples.config.ts',
  ];
  const run = spawnSync(
    process.execPath,
    [...vitest, '--reporter=default', '--reporter=json', `--outputFile=${report}`],
    { cwd: root, stdio: 'inherit', env: { ...process.env, METALWRIGHT_SAMPLES: samples } },
  );
  const tally = spawnSync(
    process.execPath,
    ['scripts/tally.ts', ...(run.status === 0 ? [] : ['--stage-failed', 'samples']), report],
    { cwd: root, stdio: 'inherit' },
  );
  rmSync(dirname(report), { recursive: true, force: true });
  process.exitCode = tally.status ?? 1;
}
