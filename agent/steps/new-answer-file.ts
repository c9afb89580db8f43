/** The answer file of the Windows that a run has applied, of all that its steps have said. */
import type { StepContext } from '#agent/sequence/step.ts';
import type { OfflineWindowsFacts } from '#agent/sequence/windows-capability.ts';
import { defaultUnattend } from '../unattend/default-unattend.ts';
import { formatUnattend } from '../unattend/format-unattend.ts';
import { mergeUnattend, type UnattendNote } from '../unattend/merge-unattend.ts';
import {
  marksIn,
  putVariablesIn,
  type UnattendWithVariables,
} from '../unattend/put-variables-in.ts';
import {
  keptAnswerFile,
  keptBy,
  keptNetworkSettings,
  keptStagedDrivers,
  keptWindowsSettings,
} from '../windows-setup/answer-settings.ts';
import { answerFileArchitecture, checkedForAnswerFile, macAddressesOf } from './answer-file.ts';
import { applyNetworkSettings } from './apply-network-settings.ts';
import { applyWindowsSettings } from './apply-windows-settings.ts';
import { readAnswerFile } from './supplied-answer-file.ts';

/** The answer file, and what of it the second half of Setup Windows must know. */
interface NewAnswerFile {
  readonly text: string;
  readonly administrator: 'disable' | 'enable' | 'leave';
  readonly layeredDriver: number;
}

/**
 * Merges the default, the supplied file, and what the steps said. `%Name%` is put into the supplied file alone:
 * the settings of steps have had theirs put in, and a password may look like a mark.
 * @throws {StepError} `unattend.*`, `content.*`, `windows.kept-settings`
 */
export async function newAnswerFile(
  facts: Pick<OfflineWindowsFacts, 'architecture'>,
  newPassword: () => string,
  context: StepContext,
): Promise<NewAnswerFile> {
  const { content, platform, signal, variables } = context;
  const architecture = answerFileArchitecture[facts.architecture];
  const { file = null, layeredDriver = 0 } = keptBy(variables, keptAnswerFile) ?? {};
  const supplied = file === null ? undefined : await readAnswerFile(file, content, signal);
  await variables.reveal(supplied === undefined ? [] : marksIn(supplied, architecture));
  const filled = supplied && putVariablesIn(supplied, variables.current, architecture);
  const kept = keptBy(variables, keptWindowsSettings);
  const settings = kept === undefined ? undefined : applyWindowsSettings.params.parse(kept);
  const isRandom = settings?.randomAdminPassword === true;
  const network = keptBy(variables, keptNetworkSettings);
  const macAddresses = macAddressesOf(await platform.query.inventory(signal));
  const { unattend, notes } = checkedForAnswerFile(() =>
    mergeUnattend(defaultUnattend(architecture), filled?.unattend, {
      architecture,
      windows: {
        settings: settings ?? {},
        computerName: variables.value('OSDComputerName'),
        randomPassword: isRandom ? newPassword() : undefined,
      },
      ...(network === undefined ? {} : { network: applyNetworkSettings.params.parse(network) }),
      macAddresses,
      layeredDriver,
      drivers: (keptBy(variables, keptStagedDrivers) ?? []).map((path) => ({
        path,
        by: 'pnputil',
      })),
    }),
  );
  for (const note of filled?.notes ?? []) context.log(markText(note));
  for (const note of notes) context.log(noteText(note));
  return {
    text: checkedForAnswerFile(() => formatUnattend(unattend)),
    administrator:
      settings === undefined ? 'leave' : settings.randomAdminPassword ? 'disable' : 'enable',
    layeredDriver,
  };
}

function markText({ kind, name, place }: UnattendWithVariables['notes'][number]): string {
  switch (kind) {
    case 'unknown':
      return `Answer file, ${place}: %${name}% has no value and became empty`;
    case 'numeric':
      return `Answer file, ${place}: %${name}% stands where only a number can, and is left`;
    case 'system':
      return `Answer file, ${place}: %${name}% is left for Windows`;
  }
}

function noteText(note: UnattendNote): string {
  switch (note.kind) {
    case 'architecture':
      return `Answer file: ${note.place} is for ${note.architecture}, which this Windows is not: it does not count`;
    case 'duplicate':
      return `Answer file: ${note.place} is there twice, the later one was laid over the earlier`;
    case 'overwritten':
      return `Answer file: ${note.place} of the supplied file is replaced by a step's`;
    case 'time-zone':
      return `Answer file: Windows has no time zone "${note.timeZone}", and takes UTC`;
    case 'no-element':
      return `Answer file: ${note.setting} has no place in one, and is not set`;
  }
}
