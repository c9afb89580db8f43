import { z } from 'zod';
import { DRIVER_INDEX, type DriverIndex } from '#agent/drivers/driver-index.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import {
  actionVariablesWhere,
  joinActionVariables,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { fit } from '#boot/fit.ts';
import { addDriversTo } from './add-drivers.ts';
import {
  BootCritical,
  bootCriticalSettings,
  bootCriticalVariables,
} from './apply-driver-package-later.ts';
import { readDriverIndex } from './driver-package-index.ts';
import { findMachinePack } from './machine-pack.ts';
import { LineText } from './program-settings.ts';
import { referenceIds } from './reference-ids.ts';
import { targetVolume } from './target-volume.ts';
import { trueOrFalse } from './true-or-false.ts';
import { windowsOf } from './windows-of.ts';

/** HRESULT of ERROR_NOT_SUPPORTED. */
const NOT_SUPPORTED_CODE = 0x80070032;

const params = z
  .strictObject({
    package: ContentReference.optional().meta({
      title: 'Driver package',
      description: 'All of its drivers are installed: better fewer than 500.',
    }),
    ofModel: trueOrFalse().default(false).meta({
      title: 'The driver pack of this model',
      description:
        'Instead of a package: the driver pack that is for the model of the machine and the Windows that was applied.',
    }),
    recurse: trueOrFalse().default(false).meta({
      title: 'Install driver package via running DISM with recurse option',
      description: 'DISM looks into all folders of the package by itself.',
    }),
    additionalOptions: LineText.max(4000).default('').meta({
      title: 'Additional options of DISM',
      description: 'Put behind the others, unchecked; with the recurse option only.',
    }),
    bootCritical: BootCritical.optional().meta({
      title:
        'Select the mass storage driver within the package that needs to be installed before setup on pre-Windows Vista operating systems',
      description: 'Windows XP and 2003 only.',
    }),
    allowUnsigned: trueOrFalse().default(false).meta({
      title:
        'Do unattended installation of unsigned drivers on versions of Windows where this is allowed',
      description: 'Before Windows Vista only.',
    }),
  })
  .superRefine(({ package: content, ofModel, recurse, additionalOptions }, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (content === undefined && !ofModel)
      issue('package', 'needs a driver package, or ofModel for the one of the model');
    if (content !== undefined && ofModel)
      issue('ofModel', 'is instead of a package: give one of the two');
    const isAlone = additionalOptions !== '' && !recurse;
    if (isAlone) issue('recurse', 'additional options of DISM go with the recurse option');
  });
const { shape } = params;

/** Apply Driver Package (reference: steps, section 4), between applying the operating system and its setup. */
export const applyDriverPackage = defineStep({
  type: 'apply-driver-package',
  title: 'Apply Driver Package',
  menu: 'drivers',
  help: 'Puts all drivers of a package into the operating system that was applied, also for devices that are not plugged in.',
  action: 'now',
  needs: ['windows'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  referenceParams: { package: 'driver-package' },
  actionVariables: joinActionVariables(
    plainActionVariables({
      OSDAllowUnsignedDriver: {
        param: 'allowUnsigned',
        type: 'boolean',
        schema: shape.allowUnsigned,
      },
    }),
    actionVariablesWhere(
      ({ recurse }) => shape.recurse.safeParse(recurse).data === true,
      plainActionVariables({
        OSDInstallDriversAdditionalOptions: {
          param: 'additionalOptions',
          schema: shape.additionalOptions,
        },
      }),
    ),
    bootCriticalVariables,
  ),
  references: ({ package: content }) => referenceIds(content),
  laterSettings: ({ bootCritical }) => bootCriticalSettings(bootCritical),
  async *run({ package: content, ofModel, recurse, additionalOptions, allowUnsigned }, context) {
    const volume = targetVolume(context);
    const options = splitOptions(additionalOptions);
    if (ofModel) {
      yield { detail: 'looking for the driver pack of this model' };
      const windows = await windowsOf(context.platform).facts(volume, context.signal);
      const { packageId, index } = await findMachinePack(windows, context);
      yield { detail: `fetching ${context.content.manifest(packageId).name}` };
      const folder = await fetchDrivers(packageId, index, context);
      // Its folders are those of the maker: the drivers lie deep in them.
      yield* addDriversTo(context, {
        volume,
        folder,
        recurse: true,
        unsigned: allowUnsigned,
        options,
      });
      return {};
    }
    const [id] = referenceIds(content);
    if (id === undefined)
      throw new StepError('content.missing', `Package ${content?.name} was not found`, {
        exitCode: 0x80040104,
      });
    await assertArchitecture(id, volume, context);
    yield { detail: `fetching ${context.content.manifest(id).name}` };
    const folder = await context.content.folder(id, context.signal);
    yield* addDriversTo(context, { volume, folder, recurse, unsigned: allowUnsigned, options });
    return {};
  },
});

/** All files of the drivers of a package, of which the grant has no more than the index. */
async function fetchDrivers(
  packageId: PackageId,
  { drivers }: DriverIndex,
  { content, signal }: StepContext,
): Promise<string> {
  const files = new Map(drivers.flatMap((driver) => driver.files.map((file) => [file.path, file])));
  if (content.part !== undefined) return await content.part(packageId, [...files.values()], signal);
  throw new StepError('drivers.no-server', 'There is no server to fetch the driver pack from', {
    hint: 'Name the driver package on stand-alone media.',
    exitCode: NOT_SUPPORTED_CODE,
  });
}

/**
 * Refuses a package none of whose drivers the Windows on the volume could load (M43), before it is fetched. One that
 * was added without an index of its drivers does not say it.
 * @throws {StepError} `driver.architecture`, `drivers.index`
 */
async function assertArchitecture(
  id: PackageId,
  volume: VolumeId,
  context: StepContext,
): Promise<void> {
  const { content, platform, signal } = context;
  const { name, objects } = content.manifest(id);
  if (!objects.some(({ path }) => path === DRIVER_INDEX)) return;
  const { drivers } = await readDriverIndex(id, context);
  const architectures = new Set(
    drivers.flatMap(({ facts }) => facts.sections.map(({ architecture }) => architecture)),
  );
  const { architecture, version } = await windowsOf(platform).facts(volume, signal);
  const windows = { name: `Windows ${version}`, architecture };
  const verdicts = [...architectures].map((each) =>
    fit(platform, {
      kind: 'drivers',
      name: `The driver package ${name} (${id})`,
      architecture: each,
      windows,
    }),
  );
  const [first] = verdicts;
  if (first?.kind !== 'refused' || verdicts.some(({ kind }) => kind === 'fits')) return;
  throw new StepError(first.code, first.reason, {
    hint: 'Name a driver package for the architecture of the Windows.',
    exitCode: NOT_SUPPORTED_CODE,
  });
}

/** Blanks part them, but not within quotation marks, which go. */
function splitOptions(text: string): string[] {
  const words = text.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}
