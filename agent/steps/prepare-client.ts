import { z } from 'zod';
import { defineStep } from '#agent/sequence/step.ts';
import { generalizeOf } from './generalize-of.ts';

/**
 * Prepare ConfigMgr Client for Capture (reference: steps, section 2): takes the identity of the reference
 * machine off its client, or the client itself where SMSTSUninstallCCMClient is TRUE. The agent needs nothing: it has a
 * new identity at each start, and no image has its files.
 */
export const prepareClient = defineStep({
  type: 'prepare-client',
  title: 'Prepare ConfigMgr Client for Capture',
  menu: 'images',
  help: 'Removes the client, or its identity, from the reference machine, so that a captured image starts clean. It has no settings.',
  action: 'now',
  needs: ['generalize'],
  runsIn: ['full-os'],
  params: z.strictObject({}),
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run(_params, context) {
    const { platform, variables, signal } = context;
    yield { detail: 'Taking the identity of the client away' };
    const uninstall = variables.value('SMSTSUninstallCCMClient')?.trim().toLowerCase() === 'true';
    for (const done of await generalizeOf(platform).forgetClient({ uninstall }, signal))
      context.log(done);
    return {};
  },
});
