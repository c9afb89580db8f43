import { StepError } from '#agent/sequence/step.ts';
import { parseCommandLine } from '#agent/steps/command-line.ts';
import type { ImportNeed, MappedAction, MappedStep } from './map-step.ts';

/**
 * Command lines with a quotation mark that is never closed: Windows takes it as closed at the end, and
 * Run Command Line refuses it. It is closed there.
 */
export function closeQuotes(mapped: MappedStep): {
  readonly mapped: MappedStep;
  readonly needs: readonly ImportNeed[];
} {
  const [first, ...rest] = mapped.actions;
  const actions: MappedStep['actions'] = [closed(first), ...rest.map(closed)];
  const isSame = actions.every((action, index) => action === mapped.actions[index]);
  if (isSame) return { mapped, needs: [] };
  return {
    mapped: { ...mapped, actions },
    needs: [
      {
        kind: 'setting',
        message:
          'Its command line has a quotation mark that is never closed: it is closed at its end',
        hint: 'Look whether that is what was meant.',
      },
    ],
  };
}

function closed(action: MappedAction): MappedAction {
  const line = action.type === 'run-command' ? action.params['commandLine'] : undefined;
  if (typeof line !== 'string') return action;
  const quote = openQuote(line);
  if (quote === undefined) return action;
  return { ...action, params: { ...action.params, commandLine: `${line}${quote}` } };
}

/** The quotation mark that is never closed. */
function openQuote(line: string): string | undefined {
  try {
    parseCommandLine(line);
    return undefined;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return error.code === 'command.quote' ? /the (["']) at/.exec(error.message)?.[1] : undefined;
  }
}
