/**
 * Adds up what the stages of scripts/test counted and prints the closing line,
 * `N passed, N failed, N skipped`. Exits 1 when anything failed or was skipped, when a stage failed
 * or when a stage left no count: silence is not success.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const VitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});
/** Written by scripts/lab/main.ts `--summary`. */
const LabReport = z.object({
  boots: z.int(),
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
});

const { values, positionals } = parseArgs({
  options: { 'stages-failed': { type: 'string', default: '0' } },
  allowPositionals: true,
});
const total = { passed: 0, failed: 0, skipped: 0 };
let silent = 0;
for (const path of positionals) {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.log(`no count was left in ${path}`);
    silent += 1;
    continue;
  }
  const lab = LabReport.safeParse(report);
  if (lab.success) {
    console.log(`lab: ${lab.data.boots} whole boots, ${lab.data.skipped} skipped`);
    total.passed += lab.data.passed;
    total.failed += lab.data.failed;
    total.skipped += lab.data.skipped;
    continue;
  }
  const tests = VitestReport.parse(report);
  total.passed += tests.numPassedTests;
  total.failed += tests.numFailedTests;
  total.skipped += tests.numPendingTests + tests.numTodoTests;
}
const stagesFailed = Number(values['stages-failed']);
if (total.failed === 0) total.failed = stagesFailed + silent;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed + total.skipped + stagesFailed + silent > 0 ? 1 : 0;
