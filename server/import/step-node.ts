import type { Origin } from '#agent/sequence/document-heads.ts';
import { steps } from '#agent/steps/index.ts';
import type { DocumentNode, MappedAction, MappedStep } from './map-step.ts';
import { nodeName } from './unique-names.ts';

/** Characters of a description. */
export const MAX_DESCRIPTION = 4000;

/** What stands around the actions of a step, or the steps of a group. */
export interface NodeFrame {
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly continueOnError: boolean;
  readonly condition: unknown;
  readonly origin: Origin | undefined;
}

/** A group as it is written in a document; what is default is left out. */
export function groupNode(frame: NodeFrame, steps: readonly DocumentNode[]): DocumentNode {
  return { group: frame.name, ...options(frame), steps };
}

/** The step, or the group of steps, that a source step becomes. */
export function stepNode(frame: NodeFrame, { actions }: MappedStep): DocumentNode {
  const [first] = actions;
  if (actions.length > 1)
    return groupNode(
      frame,
      actions.map((action) => actionNode(action, frame.name)),
    );
  const inner = actionNode(first, frame.name);
  const condition = bothConditions(frame.condition, first.condition);
  return {
    ...inner,
    step: frame.name,
    ...options({
      ...frame,
      condition,
      // Configuration Manager passes over it too, where a step must succeed.
      continueOnError:
        steps[first.type]?.mustSucceed !== true &&
        (frame.continueOnError || first.continueOnError === true),
    }),
    params: first.params,
  };
}

function actionNode(action: MappedAction, name: string): DocumentNode {
  const { type, params, condition, continueOnError, retryIfInterrupted } = action;
  return {
    step: nodeName(action.name ?? '', name),
    type,
    ...(condition === undefined ? {} : { condition }),
    ...(continueOnError === true ? { continueOnError } : {}),
    ...(retryIfInterrupted === undefined ? {} : { retryIfInterrupted }),
    params,
  };
}

function options({
  description,
  disabled,
  continueOnError,
  condition,
  origin,
}: NodeFrame): DocumentNode {
  return {
    ...(description === '' ? {} : { description: description.slice(0, MAX_DESCRIPTION) }),
    ...(disabled ? { disabled } : {}),
    ...(continueOnError ? { continueOnError } : {}),
    ...(condition === undefined ? {} : { condition }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Two conditions, of which either may be missing, as one. */
export function bothConditions(first: unknown, second: unknown): unknown {
  if (first === undefined) return second;
  return second === undefined ? first : { all: [first, second] };
}
