import { readFile } from 'node:fs/promises';
import type { StepProgress } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { type ToolCommand, type ToolRun, toolFailure } from '../run-tool.ts';
import { parseDismLog } from '../tools/dism/log.ts';
import { parseDismProblem } from '../tools/dism/problem.ts';
import { dismProgress } from '../tools/dism/progress.ts';

const TIMEOUT_MS = 12 * 3600 * 1000;
/** dism is quiet while it sets up and while it sets rights at the end: minutes, on a slow disk. */
const STALL_MS = 45 * 60_000;
const MAX_LOG_CHARACTERS = 4 * 1024 * 1024;

/** One dism that takes long. */
export interface DismWork {
  /** `/Apply-Image` and its options. */
  readonly options: readonly [string, ...string[]];
  /** For its log and its scratch files, on a volume with room. */
  readonly folder: string;
  /** What people are shown at that percentage. */
  readonly shown: (percent: number) => StepProgress;
  /** Errors that have a code of their own, by HRESULT, and the code of all others. */
  readonly codes: Readonly<Record<number, string>>;
  readonly otherCode: string;
  /** Where it makes no progress. */
  readonly stalledCode: string;
}

/** Runs dism with its progress. What it did is for the caller to look at. @throws {StepError} of the codes given */
export async function* runDism(
  work: DismWork,
  {
    runTool,
    stallMs = STALL_MS,
  }: Pick<WindowsMachineParts, 'runTool'> & { readonly stallMs?: number },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  const { options, folder, shown } = work;
  const log = below(folder, 'dism.log');
  const more = [`/ScratchDir:${folder}`, `/LogPath:${log}`, '/LogLevel:2'];
  const argv: [string, ...string[]] = ['dism.exe', ...options, ...more];
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  const progress = dismProgress();
  const latest = { percent: 0, changed: Promise.withResolvers<void>() };
  const command: ToolCommand = {
    argv,
    title: `dism ${options[0]}`,
    timeoutMs: TIMEOUT_MS,
    allowed: 'any',
    onOutput(text) {
      const percent = progress(text);
      if (percent === undefined || percent === latest.percent) return;
      latest.percent = percent;
      timer.refresh();
      latest.changed.resolve();
    },
  };
  const running = runTool(command, AbortSignal.any([signal, stalled.signal]));
  const ended = running.then(
    () => 'ended' as const,
    () => 'ended' as const,
  );
  try {
    for (;;) {
      const what = await Promise.race([ended, latest.changed.promise]);
      if (what === 'ended') break;
      latest.changed = Promise.withResolvers<void>();
      yield shown(latest.percent);
    }
    const run = await running;
    if (run.exit.outcome === 'failed') throw await failureOf(command, run, { log, work });
  } catch (error) {
    signal.throwIfAborted();
    if (stalled.signal.aborted)
      throw new StepError(
        work.stalledCode,
        `dism stood at ${latest.percent} % for ${Math.round(stallMs / 60_000)} minutes`,
        {
          exitCode: 0x800705b4,
          cause: error,
          hint: 'The disk may be failing; see its SMART data.',
        },
      );
    throw error;
  } finally {
    clearTimeout(timer);
    stalled.abort();
    await ended;
  }
}

/** What dism printed, and the last errors of its log, which is English and says more. */
async function failureOf(
  command: ToolCommand,
  run: ToolRun,
  { log, work }: { readonly log: string; readonly work: DismWork },
): Promise<StepError> {
  const problem = parseDismProblem(run.output);
  const number = problem?.code ?? run.code;
  const hresult = number > 0xffff ? number : (0x80070000 | number) >>> 0;
  const failure = toolFailure(command, run);
  const errors = await lastErrors(log);
  const text = [failure.message, problem?.message, ...errors].filter(Boolean).join(' | ');
  return new StepError(work.codes[hresult] ?? work.otherCode, text.slice(0, 1500), {
    exitCode: hresult,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

async function lastErrors(log: string): Promise<string[]> {
  const bytes = await readFile(log).catch(() => undefined);
  if (bytes === undefined) return [];
  const text =
    bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString();
  return parseDismLog(text.slice(-MAX_LOG_CHARACTERS))
    .filter(({ level }) => level === 'Error')
    .slice(-3)
    .map((record) => record.text);
}
