import { setTimeout as sleep } from 'node:timers/promises';
import { presetSettings } from '../sequence/action-variables.ts';
import { findNode } from '../sequence/engine.ts';
import type { RunState } from '../sequence/state.ts';
import { substituteParams } from '../sequence/step-params.ts';
import type { StepNode, StepRegistry, TaskSequence } from '../sequence/task-sequence.ts';
import { hideSecrets, type Variables } from '../sequence/variables.ts';

/**
 * Text of the notice before a restart: that of the Restart Computer step which asks for it, else
 * `SMSTSRebootMessage`, as the engine makes it. Undefined where there is none.
 */
export function restartMessage(
  sequence: TaskSequence,
  registry: StepRegistry,
  { cursor, variables }: Pick<RunState, 'cursor' | 'variables'>,
): string | undefined {
  const node = 'stepId' in cursor ? findNode(sequence, cursor.stepId) : undefined;
  const requested = variables.get('SMSTSRebootRequested') !== undefined;
  const own =
    node?.kind === 'step' && !requested ? ownMessage(node, registry, variables) : undefined;
  const message = (own ?? variables.value('SMSTSRebootMessage') ?? '').trim();
  return message === '' ? undefined : hideSecrets(message, variables);
}

/** The message of a Restart Computer step, empty where it has none; undefined for other steps. */
function ownMessage(
  { type, params }: StepNode,
  registry: StepRegistry,
  variables: Variables,
): string | undefined {
  const definition = registry['restart'];
  if (type !== 'restart' || definition === undefined) return undefined;
  const settings = presetSettings(
    definition,
    substituteParams(params, variables).params,
    variables,
  );
  const message: unknown = Reflect.get(Object(settings.params), 'message');
  return typeof message === 'string' ? message : '';
}

/** Counts down at the machine: by minutes, tens of seconds, and the last ten one by one. */
export async function countDown(
  notice: { readonly message: string | undefined; readonly delayMs: number },
  tell: (text: string) => void,
  signal: AbortSignal,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<void> {
  const { message, delayMs } = notice;
  const before = message === undefined ? '' : `${message} `;
  for (let left = Math.ceil(delayMs / 1000); left > 0; ) {
    tell(`${before}Restarting in ${left} ${left === 1 ? 'second' : 'seconds'}`);
    const unit = left > 60 ? 60 : left > 10 ? 10 : 1;
    const seconds = left % unit || unit;
    await wait(seconds * 1000, signal);
    left -= seconds;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
