import type { StepProgress } from '#agent/sequence/platform.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { StepError } from '#agent/sequence/step-error.ts';
import type { WindowsCapability } from '#agent/sequence/windows-capability.ts';
import { addStagedDrivers } from '../windows-setup/answer-settings.ts';
import { windowsOf } from './windows-of.ts';

/** ERROR_INSTALL_FAILURE-like: what pnputil gives for a package that the store does not take. */
const REFUSED_CODE = 0x800f0247;
/** Names in a message; all of them are in the log. */
const MAX_NAMED = 20;

/**
 * Adds the drivers of a folder, all that can be, and fails when single ones were refused: nobody looks into
 * the log of a run that succeeded. @throws {StepError} `drivers.refused`, what `addDrivers` throws
 */
export async function* addDriversTo(
  context: StepContext,
  request: Parameters<WindowsCapability['addDrivers']>[0],
): AsyncGenerator<StepProgress, void> {
  const outcome = yield* windowsOf(context.platform).addDrivers(request, context.signal);
  if (outcome.kind === 'staged') {
    addStagedDrivers(context.variables, outcome.folder);
    context.log(
      `${outcome.infs} drivers lie in ${outcome.folder}, installed when Windows is set up`,
    );
    return;
  }
  context.log(`${outcome.added} drivers are in the driver store`);
  const { refused } = outcome;
  if (refused.length === 0) return;
  const names = refused.slice(0, MAX_NAMED).join(', ');
  const more = refused.length > MAX_NAMED ? ` and ${refused.length - MAX_NAMED} more` : '';
  throw new StepError(
    'drivers.refused',
    `${refused.length} drivers were refused, ${outcome.added} added: ${names}${more}`,
    {
      hint: 'Take them out of the package, or let the step continue on error: the others are there.',
      exitCode: REFUSED_CODE,
    },
  );
}
