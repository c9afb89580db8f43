import type { MapStep } from '../map-step.ts';
import { placeholder } from '../placeholder.ts';
import type { StepReader } from '../step-reader.ts';
import { accountOf } from './account.ts';
import { destinationOf } from './destination.ts';
import {
  argumentOf,
  numberOf,
  packageOf,
  requiredPackage,
  switchOf,
  tell,
  textOf,
} from './setting-values.ts';
import { typed } from './typed-step.ts';
import { upgradeOperatingSystem } from './upgrade-os.ts';

/** Steps of the menu *Images* (reference: task-sequence-xml, sections 12 and 13). */
export const imageSteps: Readonly<Record<string, MapStep>> = {
  ApplyOperatingSystem: (reader) =>
    typed(
      reader,
      'apply-image',
      {
        ...sourceOf(reader),
        destination: destinationOf(reader),
        answerFile: answerFileOf(reader),
        layeredDriver: numberOf(reader, 'LayeredDriver', 'OsdLayeredDriver'),
        directAccess: switchOf(reader, 'RunFromNet') || undefined,
      },
      ['destination'],
    ),
  ApplyDataImage: (reader) =>
    typed(
      reader,
      'apply-data-image',
      {
        image: requiredPackage(reader, 'os-image', {
          what: 'The data image',
          names: ['ImagePackageID'],
          argument: 'data',
        }),
        index: numberOf(reader, 'ImageIndex', 'OSDDataImageIndex'),
        destination: destinationOf(reader),
        wipe: switchOf(reader, 'WipeDestinationPartition', 'OSDWipeDestinationPartition'),
      },
      ['destination'],
    ),
  CaptureSystemImage: (reader) =>
    typed(reader, 'capture-image', {
      destination: captureDestination(reader),
      account: accountOf(reader, {
        what: 'the account that captures the image',
        user: ['CaptureUsername', 'OSDCaptureAccount'],
        password: ['CapturePassword', 'OSDCaptureAccountPassword'],
      }),
      description: textOf(reader, 'ImageDescription', 'OSDImageDescription'),
      version: textOf(reader, 'ImageVersion', 'OSDImageVersion'),
      createdBy: textOf(reader, 'ImageCreator', 'OSDImageCreator'),
    }),
  PrepareOS: (reader) =>
    typed(reader, 'prepare-windows', {
      buildStorageDrivers: switchOf(reader, 'BuildStorageDriverList', 'OSDBuildStorageDriverList'),
      keepActivation: switchOf(reader, 'KeepActivation', 'OSDKeepActivation'),
      shutdown: switchOf(reader, 'ShutdownPreparedOs', 'OSDShutdownPreparedOs', 'Shutdown'),
    }),
  PrepareSMSClient: (reader) => typed(reader, 'prepare-client', {}),
  SetupWindowsAndSMS: (reader) =>
    typed(reader, 'setup-windows', {
      clientPackage: requiredPackage(reader, 'package', {
        what: 'The client package',
        names: ['ClientPackageID', '_SMSClientPackageID'],
      }),
      preProductionPackage: reader.reference(
        'package',
        'ClientPreProductionPackageID',
        '_SMSClientPreProductionPackageID',
      ),
      installProperties: textOf(reader, 'ClientInstallProperties', 'SMSClientInstallProperties'),
    }),
  UpgradeOperatingSystem: upgradeOperatingSystem,
  InstallDeployTools: (reader) => {
    reader.reference('package', 'SysprepPackageID');
    return placeholder(
      reader.step,
      'Deployment tools were installed for Windows XP and 2003 only: Windows has Sysprep in it now',
    );
  },
};

const image = {
  what: 'The image',
  names: ['ImagePackageID'],
  argument: 'image',
} as const;
const installationSource = {
  what: 'The original installation source',
  names: ['InstallPackageID'],
  argument: 'install',
} as const;

/** An image, or an installation source with the index of its edition. */
function sourceOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const index = numberOf(reader, 'ImageIndex', 'OSDImageIndex');
  const edition = numberOf(reader, 'InstallEditionIndex', 'OSDInstallEditionIndex');
  const imageId = textOf(reader, ...image.names) ?? argumentOf(reader, image.argument);
  const sourceId =
    textOf(reader, ...installationSource.names) ?? argumentOf(reader, installationSource.argument);
  const asksImage = isChosen(imageId) || (imageId !== undefined && !isChosen(sourceId));
  if (!asksImage && sourceId !== undefined)
    return {
      upgradePackage: requiredPackage(reader, 'os-upgrade-package', installationSource),
      index: edition,
    };
  if (isChosen(sourceId))
    tell(reader, `It names an image and an installation source, ${sourceId}: the image is taken`);
  return { image: requiredPackage(reader, 'os-image', image), index };
}

/** `00000000` is written where the object is missing. */
function isChosen(id: string | undefined): boolean {
  return id !== undefined && !/^0+(,|$)/.test(id);
}

function answerFileOf(reader: StepReader): object | undefined {
  const content = packageOf(reader, 'package', {
    names: ['ConfigFilePackage'],
    argument: 'config',
  });
  const file = textOf(reader, 'ConfigFileName', 'OSDConfigFileName');
  if (content === undefined) {
    if (file !== undefined) tell(reader, `Its answer file ${file} is in no package: none is used`);
    return undefined;
  }
  if (file === undefined) tell(reader, 'Its answer file has no name: unattend.xml is taken');
  return { package: content, file: file ?? 'unattend.xml' };
}

function captureDestination(reader: StepReader): string {
  const found = textOf(reader, 'CaptureDestination', 'OSDCaptureDestination');
  if (found !== undefined && found.length <= 255) return found;
  tell(
    reader,
    found === undefined
      ? 'The path of the image that is captured is not in the file'
      : `The path of the image that is captured is too long: ${found.slice(0, 300)}`,
    'Write it, or set the variable OSDCaptureDestination.',
  );
  return '%OSDCaptureDestination%';
}
