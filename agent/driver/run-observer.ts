import type { LogUpload } from '../log/upload.ts';
import { plainFace, progressFace } from '../menu/progress-face.ts';
import type { ProgressReport } from './progress-report.ts';
import type { SessionParts } from './session-parts.ts';
import type { RunObserver } from './setup.ts';

/** How long the end of a log may take to reach the server. */
export const LAST_LOG_MS = 15_000;

/** Tells the machine's screen, the log and the server's progress view how the run goes. */
export function runObserver(
  { terminals, log }: Pick<SessionParts, 'terminals' | 'log'>,
  sequence: string,
  { upload, report }: { readonly upload: LogUpload; readonly report: ProgressReport },
): RunObserver {
  let progress: Parameters<RunObserver['progress']>[0] | undefined;
  let waiting: string | undefined;
  let face = plainFace;
  const show = (): void => terminals.show({ kind: 'running', sequence, progress, waiting, face });
  show();
  return {
    progress(latest, variables) {
      progress = latest;
      face = progressFace(variables);
      report.report(latest);
      show();
    },
    waiting(reason) {
      waiting = reason;
      show();
    },
    log: (message, component) => log.write('info', message, component),
    warn: (message, component) => log.write('warn', message, component),
    async beforeRestart() {
      await log.close();
      await upload.flush(AbortSignal.timeout(LAST_LOG_MS));
    },
  };
}
