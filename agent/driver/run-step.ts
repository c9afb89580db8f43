import type { RunError, RunFact, VariableChange } from '../protocol/run-event.ts';
import type { ReleasedAccount } from '../protocol/step-secrets.ts';
import { presetSettings } from '../sequence/action-variables.ts';
import type { Ask } from '../sequence/engine.ts';
import type { Platform, StepProgress } from '../sequence/platform.ts';
import {
  assertActs,
  type ContentAccess,
  type StepContext,
  StepError,
  type StepResult,
} from '../sequence/step.ts';
import { type SecretSource, StepVariables } from '../sequence/step-variables.ts';
import type { StepRegistry } from '../sequence/task-sequence.ts';
import type { Shown } from '../ts-environment/messages.ts';
import { withSiteAccounts } from './site-accounts.ts';

/** How a step ended, as `step-finished` tells it. */
export type StepOutcome = Omit<
  RunFact & { kind: 'step-finished' },
  'kind' | 'stepId' | 'name' | 'attempt' | 'durationMs'
>;

/** Message and detail lengths of `RunError`. */
const MAX_MESSAGE = 4000;
const MAX_HINT = 1000;
/** Of `Progress.detail`. */
const MAX_DETAIL = 300;

/**
 * Opens a way for scripts to the variables: what a child process needs to know of it.
 * @param show gets what scripts show to people
 */
export type ServeVariables = (
  variables: StepVariables,
  show: (shown: Shown) => void,
) => Promise<AsyncDisposable & { readonly environment: Readonly<Record<string, string>> }>;

/**
 * Runs one step to its end. What goes wrong is its outcome; only a cancellation is thrown. Variables that
 * it set are in the outcome also when it failed, secrets in the clear. Secret values are hidden here
 * from log, progress and error: a command line holds them.
 */
export async function runStep(
  planned: Ask & { readonly kind: 'step' },
  context: {
    readonly registry: StepRegistry;
    readonly platform: Platform;
    readonly content: ContentAccess;
    readonly log: (message: string) => void;
    readonly onProgress: (progress: StepProgress) => void;
    readonly handOverImage?: StepContext['handOverImage'];
    readonly runKey?: StepContext['runKey'];
    /** Keeps which disk is erased; without it nobody is told, as in a test of one step. */
    readonly claimDisk?: StepContext['claimDisk'];
    /** Accounts of the site by their names; without it `account:` stays as it is, as in a simulation. */
    readonly accounts?: (names: readonly string[]) => Promise<readonly ReleasedAccount[]>;
    /** The step with the withheld variables that it is known to read; absent where none are withheld. */
    readonly withSecrets?: (
      planned: Ask & { readonly kind: 'step' },
    ) => Promise<Ask & { readonly kind: 'step' }>;
    /** Where the secrets come from that it finds to need while it runs. */
    readonly secrets?: SecretSource;
    /** Lets scripts reach the variables while a command runs; without it they have the environment alone. */
    readonly serveVariables?: ServeVariables;
    /** The environment of its programs, where it is not the variables: a simulated one reads none. */
    readonly environment?: () => Readonly<Record<string, string>>;
  },
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { registry, platform, content, onProgress, secrets } = context;
  let variables = new StepVariables(planned.variables, {}, secrets);
  const hide = (text: string): string => variables.hide(text);
  try {
    const ask = (await context.withSecrets?.(planned)) ?? planned;
    variables = new StepVariables(ask.variables, {}, secrets);
    const definition = Object.hasOwn(registry, ask.type) ? registry[ask.type] : undefined;
    if (!definition) throw new StepError('step.type', `there is no step type ${ask.type}`);
    if (!definition.runsIn.includes(platform.environment))
      throw new StepError(
        'step.environment',
        `${definition.title} runs in ${definition.runsIn.join(', ')}, this is ${platform.environment}`,
        { exitCode: 0x80070032 },
      );
    const params = await withSiteAccounts(ask.params, context.accounts);
    const settings = presetSettings(definition, params, ask.variables);
    variables = new StepVariables(ask.variables, settings.action, secrets);
    const parsed = definition.params.safeParse(settings.params);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new StepError(
        'step.params',
        `${issue?.path.join('.') || 'params'}: ${issue?.message ?? 'not understood'}`,
        {
          exitCode: 0x80070057,
          hint: 'A variable used there may have no value, or one that does not fit.',
        },
      );
    }
    assertActs(definition, parsed.data);
    const channel = definition.needs.includes('process')
      ? await context.serveVariables?.(variables, (shown) => showFromScript(shown, context, hide))
      : undefined;
    await using _closed = channel;
    const running = definition.run(parsed.data, {
      platform,
      content,
      variables,
      environment:
        context.environment ??
        (() => ({
          ...variables.environment((message) => context.log(message)),
          ...channel?.environment,
        })),
      log: (message) => context.log(hide(message)),
      claimDisk: async (disk) => context.claimDisk?.(disk),
      ...(context.handOverImage === undefined ? {} : { handOverImage: context.handOverImage }),
      ...(context.runKey === undefined ? {} : { runKey: context.runKey }),
      attempt: ask.attempt,
      signal,
    });
    for (;;) {
      const step = await running.next();
      if (step.done === true) return succeeded(step.value, variables);
      const { detail } = step.value;
      onProgress(detail === undefined ? step.value : { ...step.value, detail: hide(detail) });
    }
  } catch (error) {
    signal.throwIfAborted();
    return failed(error, variables);
  }
}

/** What a script shows is the step's progress, or a line of its log: an agent opens no windows. */
function showFromScript(
  { what, title, text, step, steps }: Shown,
  { log, onProgress }: Pick<Parameters<typeof runStep>[1], 'log' | 'onProgress'>,
  hide: (text: string) => string,
): void {
  const words = [title, text].filter((part) => part !== '').join(': ');
  if (what === 'progress') {
    const count = steps === undefined ? '' : ` (${step ?? 0}/${steps})`;
    onProgress({ detail: `${hide(words).slice(0, MAX_DETAIL - count.length)}${count}` });
  } else if (what !== 'close')
    log(hide(`A script shows${what === 'error' ? ' an error' : ''}: ${words}`));
}

function succeeded(
  { code = 0, restart, restartDelayMs }: StepResult,
  variables: StepVariables,
): StepOutcome {
  return {
    code,
    succeeded: true,
    variables: changesOf(variables),
    ...(restart === undefined ? {} : { restart }),
    ...(restartDelayMs === undefined ? {} : { restartDelayMs }),
  };
}

function failed(thrown: unknown, variables: StepVariables): StepOutcome {
  const code = thrown instanceof StepError ? thrown.exitCode : 0x80004005;
  const error = runErrorOf(thrown, (text) => variables.hide(text));
  return { code, succeeded: false, variables: changesOf(variables), error };
}

/** The output of a command may repeat a secret; in a variable that is none it would lie in the clear. */
function changesOf(variables: StepVariables): VariableChange[] {
  return variables
    .changes()
    .map((change) => (change.secret ? change : { ...change, value: variables.hide(change.value) }));
}

/**
 * An error as it travels. One without a code of its own is `agent.unexpected`. Its texts are cut after
 * `hide` has seen them whole: it would not know the beginning of a secret, and it makes them longer.
 */
export function runErrorOf(
  error: unknown,
  hide: (text: string) => string = (text) => text,
): RunError {
  const message = error instanceof Error ? error.message : String(error);
  const known: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const dotted = typeof known === 'string' && /^[a-z][a-z-]*(\.[a-z-]+)+$/.test(known);
  const hint: unknown = error instanceof Error ? Reflect.get(error, 'hint') : undefined;
  const text = dotted || typeof known !== 'string' ? message : `${known}: ${message}`;
  return {
    code: dotted ? known.slice(0, 80) : 'agent.unexpected',
    message: hide(text).slice(0, MAX_MESSAGE),
    ...(typeof hint === 'string' ? { hint: hide(hint).slice(0, MAX_HINT) } : {}),
  };
}
