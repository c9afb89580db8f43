import { z } from 'zod';
import { RUN_SEQUENCE, SequenceReference } from '#agent/sequence/child-sequence.ts';
import { defineStep, StepError } from '#agent/sequence/step.ts';

const params = z.strictObject({
  sequence: SequenceReference.meta({
    title: 'Task sequence to run',
    description: 'By name or id. Its steps run here, with the variables of this task sequence.',
  }),
});

/**
 * Run Task Sequence. The child's steps are put in when a run is granted, and the engine then takes this
 * step for a group; what runs here is a document that nobody put them into.
 */
export const runSequence = defineStep({
  type: RUN_SEQUENCE,
  title: 'Run Task Sequence',
  menu: 'general',
  help: 'Runs another task sequence, which shares the variables of this one.',
  action: 'now',
  needs: [],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  references: () => [],
  // oxlint-disable-next-line require-yield
  async *run({ sequence }) {
    throw new StepError(
      'sequence.child-missing',
      `The child task sequence ${sequence.name ?? sequence.id} was not put into the document`,
      { hint: 'Deploy the parent again: children are put in when the run is granted.' },
    );
  },
});
