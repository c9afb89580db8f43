import type { MappedStep } from './map-step.ts';
import type { SourceStep } from './source-sequence.ts';

/** What a command line of a step may have. */
const MAX_COMMAND_LINE = 32_000;
/** Fails on every system: whoever enables a placeholder is to notice. */
const NOTHING_TO_RUN = 'cmd.exe /c exit 1';

/**
 * What stands for a step that nothing here can do: its command line, where it has one, in a step that is
 * kept disabled.
 */
export function placeholder({ action }: Pick<SourceStep, 'action'>, reason: string): MappedStep {
  const line = action.replaceAll('\0', '').trim().slice(0, MAX_COMMAND_LINE);
  return {
    how: 'unsupported',
    reason,
    actions: [
      { type: 'run-command', params: { commandLine: line === '' ? NOTHING_TO_RUN : line } },
    ],
  };
}
