#!/usr/bin/env node
/** The `metalwright` command: signals in, exit code out. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Sources imported after this are kept compiled, which halves the time of the next start. They are kept
// beside the clone's packages, never in a directory that others may write: what lies there is executed.
const compiled = fileURLToPath(new URL('../node_modules/.cache/metalwright', import.meta.url));
enableCompileCache(compiled);
// Worker threads have their own switch: without it each strips and compiles its sources at every start.
process.env['NODE_COMPILE_CACHE'] ??= compiled;
const { runCommandLine } = await import('./cli/program.ts');
const { readInput } = await import('./cli/read-input.ts');
const { openDialogue } = await import('./cli/dialogue.ts');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new Error(signal)));
}
// A reader that went away (`| head`) is no error worth a stack.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (written) => process.stdout.write(written),
  err: (written) => process.stderr.write(written),
  input: readInput,
  ...(process.stdin.isTTY
    ? {
        dialogue: () => openDialogue({ input: process.stdin, output: process.stderr }, stop.signal),
      }
    : {}),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  environment: process.env,
  signal: stop.signal,
});
