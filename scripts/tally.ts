/**
 * Adds up what the stages of scripts/test counted and prints the closing line,
 * `N passed, N failed, N skipped`, below a line `FAILED: ...` for each test, scenario and stage that
 * failed (`--stage-failed <name>`, once for each). Exits 1 when anything failed or was skipped, when a
 * stage failed or when a stage left no count: silence is not success.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const VitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
/** Written by scripts/lab/main.ts `--summary`. */
const LabReport = z.object({
  boots: z.int(),
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
  failures: z.array(z.object({ what: z.string(), reason: z.string() })),
});

const { values, positionals } = parseArgs({
  options: { 'stage-failed': { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
});
const total = { passed: 0, failed: 0, skipped: 0 };
let silent = 0;
for (const path of positionals) {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    tellFailure(`no count was left in ${path}`, '');
    silent += 1;
    continue;
  }
  const lab = LabReport.safeParse(report);
  if (lab.success) {
    console.log(`lab: ${lab.data.boots} whole boots, ${lab.data.skipped} skipped`);
    total.passed += lab.data.passed;
    total.failed += lab.data.failed;
    total.skipped += lab.data.skipped;
    for (const { what, reason } of lab.data.failures) tellFailure(what, reason);
    continue;
  }
  const tests = VitestReport.parse(report);
  total.passed += tests.numPassedTests;
  total.failed += tests.numFailedTests;
  total.skipped += tests.numPendingTests + tests.numTodoTests;
  for (const file of tests.testResults) {
    const name = relative(process.cwd(), file.name);
    const failures = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failures)
      tellFailure(`${name} > ${test.fullName}`, test.failureMessages?.[0] ?? '');
    if (failures.length === 0 && file.message) tellFailure(name, file.message);
  }
}
const stagesFailed = values['stage-failed'].length;
for (const stage of values['stage-failed']) tellFailure(`stage ${stage}`, '');
if (total.failed === 0) total.failed = stagesFailed + silent;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed + total.skipped + stagesFailed + silent > 0 ? 1 : 0;

/** Says what failed and the first line of why. */
function tellFailure(what: string, message: string): void {
  const [why = ''] = message.split('\n');
  console.log(`FAILED: ${what}${why === '' ? '' : `: ${why}`}`);
}
