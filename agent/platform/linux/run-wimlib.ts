import type { StepProgress } from '../../sequence/platform.ts';
import { type CommandResult, runCommand } from './process.ts';
import { parseWimlibProgress } from './wimlib-output.ts';

const TIMEOUT_MS = 12 * 3600 * 1000;

/** Runs wimlib-imagex to its end, with its own progress. Its exit code is the caller's to look at. */
export async function* runWimlib(
  argv: readonly [string, ...string[]],
  { detail, totalBytes = 0 }: { readonly detail: string; readonly totalBytes?: number },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, CommandResult> {
  const latest = { done: 0, total: totalBytes, changed: Promise.withResolvers<void>() };
  const running = runCommand(
    {
      argv: ['wimlib-imagex', ...argv],
      timeoutMs: TIMEOUT_MS,
      onStdout(text) {
        const progress = parseWimlibProgress(text);
        if (!progress) return;
        Object.assign(latest, progress);
        latest.changed.resolve();
      },
    },
    signal,
  );
  const ended = running.then(
    () => 'ended' as const,
    () => 'ended' as const,
  );
  for (;;) {
    const what = await Promise.race([ended, latest.changed.promise]);
    if (what === 'ended') break;
    latest.changed = Promise.withResolvers<void>();
    yield { detail, doneBytes: latest.done, totalBytes: latest.total };
  }
  return running;
}
