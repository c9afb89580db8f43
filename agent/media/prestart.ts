import { AgentError } from '../agent-error.ts';
import { runStep, type ServeVariables } from '../driver/run-step.ts';
import { StepId, type VariableChange } from '../protocol/run-event.ts';
import type { Platform } from '../sequence/platform.ts';
import { type ContentAccess, StepError } from '../sequence/step.ts';
import { Variables } from '../sequence/variables.ts';
import { steps } from '../steps/index.ts';

/** There is no run yet, and so no content of one. */
const noContent: ContentAccess = {
  manifest: () => nothing(),
  open: async () => nothing(),
  folder: async () => nothing(),
  keep: async () => nothing(),
};

function nothing(): never {
  throw new StepError('content.missing', 'there is no content before a run');
}

/**
 * Runs the prestart command of media as *Run Command Line* would, with the variables of the media; it may set others
 * with `metalwright-ts`. @returns what it set @throws {AgentError} `media.prestart`
 */
export async function runPrestart(
  commandLine: string,
  parts: {
    readonly variables: readonly VariableChange[];
    readonly platform: Platform;
    readonly serveVariables: ServeVariables;
    readonly log: (message: string) => void;
    readonly show: (text: string) => void;
  },
  signal: AbortSignal,
): Promise<readonly VariableChange[]> {
  const { variables, platform, serveVariables, log, show } = parts;
  show('Running the prestart command of the media');
  const name = 'Prestart command';
  const planned = {
    kind: 'step',
    stepId: StepId.parse('0'),
    name,
    type: 'run-command',
    params: { commandLine },
    attempt: 1,
    variables: Variables.none.setAll(variables),
    unknownVariables: [],
    continueOnError: false,
    destructive: false,
  } as const;
  const outcome = await runStep(
    planned,
    {
      registry: steps,
      platform,
      content: noContent,
      serveVariables,
      log: (message) => log(`${name}: ${message}`),
      onProgress: ({ detail }) => {
        if (detail !== undefined && detail !== '') show(`${name}: ${detail}`);
      },
    },
    signal,
  );
  if (outcome.error === undefined) return outcome.variables;
  const { code, message } = outcome.error;
  throw new AgentError(
    'media.prestart',
    `The prestart command of the media ended with ${outcome.code}: ${message} (${code})`,
    'Nothing was begun. Mend the command, and make the media again.',
  );
}
