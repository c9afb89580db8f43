import { RUN_SEQUENCE } from './child-sequence.ts';
import type { SequenceNode, TaskSequence } from './task-sequence.ts';

/** The document of a sequence, as `parseTaskSequence` reads it; what is default is left out. */
export function formatTaskSequence(sequence: TaskSequence): unknown {
  const { name, description, disabled, platform, bootImage, maxRunMinutes, origin, steps } =
    sequence;
  const off = disabled ? { disabled } : {};
  const written = {
    ...(platform === undefined ? {} : { platform }),
    ...(bootImage === undefined ? {} : { bootImage }),
    ...(maxRunMinutes === undefined ? {} : { maxRunMinutes }),
    ...(origin === undefined ? {} : { origin }),
  };
  return { name, ...text(description), ...off, ...written, steps: steps.map(formatNode) };
}

function formatNode(node: SequenceNode): unknown {
  const common = {
    ...text(node.description),
    ...(node.disabled ? { disabled: true } : {}),
    ...(node.continueOnError ? { continueOnError: true } : {}),
    ...(node.condition === undefined ? {} : { condition: node.condition }),
    ...(node.origin === undefined ? {} : { origin: node.origin }),
  };
  if (node.kind === 'group') {
    const steps = node.steps.map(formatNode);
    if (node.child === undefined) return { group: node.name, ...common, steps };
    const { reference, ...child } = node.child;
    const params = { sequence: reference };
    return { step: node.name, type: RUN_SEQUENCE, ...common, params, child: { ...child, steps } };
  }
  const { retryIfInterrupted } = node;
  const retry = retryIfInterrupted === undefined ? {} : { retryIfInterrupted };
  return { step: node.name, type: node.type, ...common, ...retry, params: node.params };
}

function text(description: string): { description?: string } {
  return description === '' ? {} : { description };
}
