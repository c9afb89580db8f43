import { readFile } from 'node:fs/promises';
import type { StepProgress } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { type ToolCommand, type ToolRun, toolFailure } from '../run-tool.ts';
import { parseDismLog } from '../tools/dism/log.ts';
import { parseDismProblem } from '../tools/dism/problem.ts';
import { dismProgress } from '../tools/dism/progress.ts';

const APPLY_TIMEOUT_MS = 12 * 3600 * 1000;
/** dism is quiet while it sets up and while it sets rights at the end: minutes, on a slow disk. */
const STALL_MS = 45 * 60_000;
const MAX_LOG_CHARACTERS = 4 * 1024 * 1024;

export interface DismApply {
  readonly image: string;
  readonly index: number;
  /** `W:\` */
  readonly target: string;
  /** For its log and its scratch files, on a volume with room. */
  readonly folder: string;
  readonly expectedBytes: number;
}

/** `dism /Apply-Image`, with its progress in bytes. What it did is for the caller to look at. @throws {StepError} `image.*` */
export async function* applyByDism(
  { image, index, target, folder, expectedBytes }: DismApply,
  {
    runTool,
    stallMs = STALL_MS,
  }: Pick<WindowsMachineParts, 'runTool'> & { readonly stallMs?: number },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  const log = below(folder, 'dism.log');
  const argv: [string, ...string[]] = [
    'dism.exe',
    '/Apply-Image',
    `/ImageFile:${image}`,
    `/Index:${index}`,
    `/ApplyDir:${target}`,
    `/ScratchDir:${folder}`,
    `/LogPath:${log}`,
    '/LogLevel:2',
  ];
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  const progress = dismProgress();
  const latest = { percent: 0, changed: Promise.withResolvers<void>() };
  const command: ToolCommand = {
    argv,
    title: 'dism /Apply-Image',
    timeoutMs: APPLY_TIMEOUT_MS,
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
      const doneBytes = Math.floor((expectedBytes * latest.percent) / 100);
      yield { detail: 'Applying image', doneBytes, totalBytes: expectedBytes };
    }
    const run = await running;
    if (run.exit.outcome === 'failed') throw await applyFailure(command, run, log);
  } catch (error) {
    signal.throwIfAborted();
    if (stalled.signal.aborted)
      throw new StepError(
        'image.timeout',
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

/** Codes that have a name of their own here; by HRESULT. */
const known: Readonly<Record<number, string>> = {
  0x80070070: 'image.too-large',
  0x8007000d: 'image.damaged',
  0x8007000b: 'image.unreadable',
  0x80070057: 'image.index',
  0x8007000e: 'image.memory',
  0x8007001d: 'image.write',
};

/** What dism printed, and the last errors of its log, which is English and says more. */
async function applyFailure(command: ToolCommand, run: ToolRun, log: string): Promise<StepError> {
  const problem = parseDismProblem(run.output);
  const number = problem?.code ?? run.code;
  const hresult = number > 0xffff ? number : (0x80070000 | number) >>> 0;
  const failure = toolFailure(command, run);
  const errors = await lastErrors(log);
  const text = [failure.message, problem?.message, ...errors].filter(Boolean).join(' | ');
  return new StepError(known[hresult] ?? 'image.failed', text.slice(0, 1500), {
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
