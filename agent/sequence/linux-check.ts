import type { ImageFacts } from '#agent/protocol/content.ts';
import { conditionPlatformProblems, type PlatformProblem } from './condition/platform.ts';
import { settled } from './condition/settled.ts';
import { listReferences } from './references.ts';
import { type ContentAccess, StepError } from './step.ts';
import type { StepRegistry, TaskSequence } from './task-sequence.ts';
import type { Variables } from './variables.ts';

/**
 * Conditions that can never be true in this run: the sequence installs a Linux image, no Windows one, so
 * that nothing of Windows will ever be there to ask. Those that are settled already do not matter.
 */
export function linuxProblems(
  sequence: TaskSequence,
  registry: StepRegistry,
  variables: Variables,
  content: Pick<ContentAccess, 'manifest'>,
): readonly PlatformProblem[] {
  // What it is started from is not what it installs.
  const installed = listReferences(sequence, registry).filter(({ kind }) => kind !== 'boot-image');
  const images = installed.flatMap(({ reference: { id } }) =>
    id === undefined ? [] : imagesOf(content, id),
  );
  const kinds = new Set(images.map(({ kind }) => kind));
  if (!kinds.has('linux') || kinds.has('windows')) return [];
  return conditionPlatformProblems(sequence.steps, ({ condition }) =>
    condition === undefined ? true : settled(condition, variables),
  );
}

function imagesOf(
  content: Pick<ContentAccess, 'manifest'>,
  id: Parameters<ContentAccess['manifest']>[0],
): readonly ImageFacts[] {
  try {
    return content.manifest(id).images;
  } catch (error) {
    // What is missing is found by the check of the step that needs it.
    if (error instanceof StepError) return [];
    throw error;
  }
}
