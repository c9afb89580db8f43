import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import type { OfflineWindowsFacts } from '#agent/sequence/windows-capability.ts';
import { forgetSetup, keep, keptBy, keptSetup } from '../windows-setup/answer-settings.ts';
import { layeredDriverEdits } from '../windows-setup/layered-driver.ts';
import { AGENT_FOLDER, FAILED_MARKER } from '../windows-setup/places.ts';
import { answerFileEdits, driveLetterEdits, serviceEdits } from '../windows-setup/service.ts';
import {
  answerFileChanges,
  forgetAnswerFiles,
  scriptChanges,
  setupScripts,
  staleAgentFiles,
} from '../windows-setup/setup-files.ts';
import { setAdministrator } from './administrator.ts';
import { installClient } from './client-package.ts';
import { newAnswerFile } from './new-answer-file.ts';
import { LineText } from './program-settings.ts';
import { referenceIds } from './reference-ids.ts';
import { targetVolume } from './target-volume.ts';
import { windowsOf } from './windows-of.ts';

const Params = z.strictObject({
  clientPackage: ContentReference.optional().meta({
    title: 'Client package',
    description:
      'The client of a management system that is installed in the new operating system, by install.cmd or ccmsetup.exe in the root of the package. Without one none is: the agent goes on by itself.',
  }),
  preProductionPackage: ContentReference.optional().meta({
    title: 'Pre-production client package',
    description: 'Taken instead where it is available. Not on stand-alone media.',
  }),
  installProperties: LineText.max(4000).default('').meta({
    title: 'Installation properties',
    description:
      'For the installation of the client, separated by blanks: SMSMP=server CCMLOGLEVEL=0',
  }),
});

type Params = z.output<typeof Params>;

/** Sysprep's word for a Windows that was not prepared: it starts as the machine that it was. */
const NOT_PREPARED = 'IMAGE_STATE_COMPLETE';
/** Windows goes through specialize, and so through all of the answer file. */
const GENERALIZED = /^IMAGE_STATE_GENERALIZE_RESEAL_TO_(OOBE|AUDIT)$/;

/**
 * Setup Windows and ConfigMgr (reference: steps, section 2). In Windows PE or Linux PE: writes the answer file, puts
 * the agent there, and restarts to the Windows that was applied. There the step is run once more, when Windows
 * Setup is over: the administrator, the passwords in the answer file, the client.
 */
export const setupWindows = defineStep({
  type: 'setup-windows',
  title: 'Setup Windows and ConfigMgr',
  menu: 'images',
  help: 'Restarts to the operating system that was applied, sets it up by its answer file and installs the client. Every deployment of Windows needs it. It cannot be continued on error: without it the run has nowhere to go on.',
  action: 'now',
  needs: ['windows', 'disk', 'query', 'process', 'boot', 'power'],
  runsIn: ['winpe', 'linux-pe', 'full-os'],
  params: Params,
  repeatable: true,
  destructive: false,
  mustSucceed: true,
  referenceParams: { clientPackage: 'package', preProductionPackage: 'package' },
  actionVariables: plainActionVariables({
    SMSClientInstallProperties: {
      param: 'installProperties',
      schema: Params.shape.installProperties,
    },
  }),
  references: ({ clientPackage, preProductionPackage }) =>
    referenceIds(clientPackage, preProductionPackage),
  async *run(params, context) {
    return context.platform.environment === 'full-os'
      ? yield* goOnInWindows(params, context)
      : yield* prepare(context);
  },
  async *simulate() {
    yield { detail: 'Setting Windows up' };
    return { restart: 'disk' };
  },
});

/** The first half: all that Windows finds at its first start. */
async function* prepare(context: StepContext): AsyncGenerator<StepProgress, StepResult> {
  const { platform, variables, signal } = context;
  const log = (message: string): void => context.log(message);
  const volume = targetVolume(context);
  const windows = windowsOf(platform);
  yield { detail: 'Looking at the Windows that was applied' };
  const facts = await windows.facts(volume, signal);
  assertGeneralized(facts, log);
  const { text, administrator, layeredDriver } = await newAnswerFile(
    facts,
    windows.newPassword,
    context,
  );
  yield { detail: 'Putting the agent into Windows' };
  await windows.files.change({ volume, changes: staleAgentFiles }, signal);
  await windows.installAgent({ volume, architecture: facts.architecture }, signal);
  const edits = [
    ...serviceEdits(),
    ...answerFileEdits,
    ...driveLetterEdits(volume),
    ...layeredDriverEdits(layeredDriver),
  ];
  await windows.editRegistry({ volume, hive: 'SYSTEM', edits }, signal);
  for (const each of setupScripts) {
    const found = await windows.files.read({ volume, path: each.script.path }, signal);
    const changes = scriptChanges(each, found);
    if (changes.length > 1) log(`${each.script.path} of the image is kept, and runs first`);
    await windows.files.change({ volume, changes }, signal);
  }
  yield { detail: 'Writing the answer file' };
  await windows.files.change({ volume, changes: answerFileChanges(text) }, signal);
  await platform.disk.flush(volume, signal);
  log(
    `Windows ${facts.version} ${facts.edition} (${facts.architecture}) is ready for its first start`,
  );
  keep(variables, keptSetup, { administrator });
  // This step once more, when Windows Setup is over.
  variables.setOwn('SMSTSRebootRequested', 'HD');
  variables.setOwn('SMSTSRetryRequested', 'true');
  return {};
}

/** The second half, in the new Windows. Each part may be done twice. */
async function* goOnInWindows(
  params: Params,
  context: StepContext,
): AsyncGenerator<StepProgress, StepResult> {
  const { platform, variables, signal } = context;
  const kept = keptBy(variables, keptSetup);
  if (kept === undefined)
    throw new StepError(
      'windows.not-prepared',
      'No Windows was prepared by this step in Windows PE or Linux PE',
      {
        hint: 'Put the step behind apply-image, in the part that runs in PE.',
        exitCode: 0x80070032,
      },
    );
  const volume = targetVolume(context);
  const windows = windowsOf(platform);
  const failed = await windows.files.read(
    { volume, path: `${AGENT_FOLDER}\\${FAILED_MARKER}` },
    signal,
  );
  const forget = async (): Promise<void> => {
    await windows.files.change({ volume, changes: forgetAnswerFiles }, signal);
    context.log('The answer files are removed: passwords were in them');
  };
  if (failed !== null) {
    // A machine that failed stands there for anybody to look at.
    await forget();
    throw setupFailed();
  }
  yield { detail: 'Windows Setup is over' };
  await setAdministrator(kept.administrator, context);
  await forget();
  const result = yield* installClient(params, context);
  forgetSetup(variables);
  return result;
}

function setupFailed(): StepError {
  return new StepError(
    'windows.setup-failed',
    'Windows Setup failed, and said so by ErrorHandler.cmd',
    {
      hint: 'Look into Windows\\Panther\\setuperr.log and setupact.log on the machine: mostly a setting of the answer file or a driver.',
    },
  );
}

/** @throws {StepError} `windows.not-generalized` */
function assertGeneralized(
  { imageState }: OfflineWindowsFacts,
  log: (message: string) => void,
): void {
  if (imageState === NOT_PREPARED)
    throw new StepError(
      'windows.not-generalized',
      'The Windows of the image was not prepared by sysprep /generalize: it reads no answer file',
      {
        hint: 'Capture the image after sysprep /generalize /oobe, or apply one of the installation media.',
        exitCode: 0x80070032,
      },
    );
  if (imageState === null || !GENERALIZED.test(imageState))
    log(
      `The image does not say that it was generalized (${imageState ?? 'nothing'}): Windows may pass over parts of the answer file`,
    );
}
