import { z } from 'zod';
import { defineLaterStep } from '#agent/sequence/step.ts';

/**
 * Release State Store (reference: steps, section 8): the state that was captured is complete, or that
 * which was restored is not needed any more. Steps before it best continue on error, so that it is reached.
 */
export const releaseStateStore = defineLaterStep({
  type: 'release-state-store',
  title: 'Release State Store',
  menu: 'user-state',
  help: 'Ends what Request State Store began: the user state is captured, or restored. It has no settings.',
  needs: ['query'],
  runsIn: ['full-os'],
  params: z.strictObject({}),
  repeatable: true,
  references: () => [],
});
