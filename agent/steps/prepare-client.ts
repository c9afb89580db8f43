import { z } from 'zod';
import { defineLaterStep } from '#agent/sequence/step.ts';

/**
 * Prepare ConfigMgr Client for Capture (reference: steps, section 2): takes the identity of the reference
 * machine off its client, or the client itself where SMSTSUninstallCCMClient is TRUE.
 */
export const prepareClient = defineLaterStep({
  type: 'prepare-client',
  title: 'Prepare ConfigMgr Client for Capture',
  menu: 'images',
  help: 'Removes the client, or its identity, from the reference machine, so that a captured image starts clean. It has no settings.',
  needs: ['process'],
  runsIn: ['full-os'],
  params: z.strictObject({}),
  repeatable: true,
  references: () => [],
});
