import type { RunError, RunFact } from '../protocol/run-event.ts';
import type { Ask } from '../sequence/engine.ts';
import type { Platform, StepProgress } from '../sequence/platform.ts';
import type { StepRegistry } from '../sequence/schema.ts';
import { type ContentAccess, StepError, type StepResult } from '../sequence/step.ts';
import { environmentOf, hideSecrets } from '../sequence/variables.ts';

/** How a step ended, as `step-finished` tells it. */
export type StepOutcome = Omit<
  RunFact & { kind: 'step-finished' },
  'kind' | 'stepId' | 'name' | 'attempt' | 'durationMs'
>;

/** Message and detail lengths of `RunError`. */
const MAX_MESSAGE = 4000;
const MAX_HINT = 1000;

/**
 * Runs one step to its end. What goes wrong is its outcome; only a cancellation is thrown. Secret values
 * are hidden here from log, progress and error: a command line holds them in the clear.
 */
export async function runStep(
  ask: Ask & { readonly kind: 'step' },
  context: {
    readonly registry: StepRegistry;
    readonly platform: Platform;
    readonly content: ContentAccess;
    readonly log: (message: string) => void;
    readonly onProgress: (progress: StepProgress) => void;
  },
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { registry, platform, content, onProgress } = context;
  const hide = (text: string): string => hideSecrets(text, ask.variables);
  try {
    const definition = Object.hasOwn(registry, ask.type) ? registry[ask.type] : undefined;
    if (!definition) throw new StepError('step.type', `there is no step type ${ask.type}`);
    if (!definition.runsIn.includes(platform.environment))
      throw new StepError(
        'step.environment',
        `${definition.title} runs in ${definition.runsIn.join(', ')}, this is ${platform.environment}`,
        { exitCode: 0x80070032 },
      );
    const parsed = definition.params.safeParse(ask.params);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new StepError(
        'step.params',
        `${issue?.path.join('.') || 'params'}: ${issue?.message ?? 'not understood'}`,
        { exitCode: 0x80070057, hint: 'A variable used there may have no value.' },
      );
    }
    const running = definition.run(parsed.data, {
      platform,
      content,
      variable: (name) => ask.variables.value(name),
      environment: environmentOf(ask.variables),
      log: (message) => context.log(hide(message)),
      signal,
    });
    for (;;) {
      const step = await running.next();
      if (step.done === true) return succeeded(step.value, hide);
      const { detail } = step.value;
      onProgress(detail === undefined ? step.value : { ...step.value, detail: hide(detail) });
    }
  } catch (error) {
    signal.throwIfAborted();
    return failed(error, hide);
  }
}

function succeeded(result: StepResult, hide: (text: string) => string): StepOutcome {
  const { code = 0, variables = {}, secrets = [], restart, restartDelayMs } = result;
  // The run key that would seal them is not handed out yet: plain, they must not reach the journal.
  if (secrets.length > 0)
    return failed(
      new StepError('step.secret', `the step set secret variables (${secrets.join(', ')})`, {
        hint: 'Secret results are not supported yet.',
      }),
    );
  return {
    code,
    succeeded: true,
    // The output of a command may repeat a secret; it would lie in the journal in the clear.
    variables: Object.entries(variables).map(([name, value]) => ({
      name,
      value: hide(value),
      secret: false,
    })),
    ...(restart === undefined ? {} : { restart }),
    ...(restartDelayMs === undefined ? {} : { restartDelayMs }),
  };
}

function failed(error: unknown, hide = (text: string): string => text): StepOutcome {
  const code = error instanceof StepError ? error.exitCode : 0x80004005;
  const { message, hint, ...rest } = runErrorOf(error);
  return {
    code,
    succeeded: false,
    variables: [],
    error: {
      ...rest,
      message: hide(message),
      ...(hint === undefined ? {} : { hint: hide(hint) }),
    },
  };
}

/** An error as it travels. One without a code of its own is `agent.unexpected`. */
export function runErrorOf(error: unknown): RunError {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  const known: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const dotted = typeof known === 'string' && /^[a-z][a-z-]*(\.[a-z-]+)+$/.test(known);
  const hint: unknown = error instanceof Error ? Reflect.get(error, 'hint') : undefined;
  return {
    code: dotted ? known.slice(0, 80) : 'agent.unexpected',
    message: dotted || typeof known !== 'string' ? message : `${known}: ${message}`,
    ...(typeof hint === 'string' ? { hint: hint.slice(0, MAX_HINT) } : {}),
  };
}
