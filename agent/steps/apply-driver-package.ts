import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { LineText } from './program-settings.ts';
import { referenceIds } from './reference-ids.ts';
import { trueOrFalse } from './true-or-false.ts';

const BootCritical = z.strictObject({
  contentId: z.string().min(1).max(255).meta({
    title: 'Driver',
    description: 'Content id of the driver of the disk controller.',
  }),
  hardwareComponent: z.literal('scsi').default('scsi').meta({ title: 'Hardware component' }),
  id: z.string().min(1).max(255).meta({
    title: 'Model',
    description: 'Its id in the section scsi of txtsetup.oem.',
  }),
  infFile: z.string().min(1).max(255).meta({ title: 'INF file' }),
});

const params = z
  .strictObject({
    package: ContentReference.meta({
      title: 'Driver package',
      description: 'All of its drivers are installed: better fewer than 500.',
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
  .superRefine(({ recurse, additionalOptions }, context) => {
    const isAlone = additionalOptions !== '' && !recurse;
    if (isAlone)
      context.addIssue({
        code: 'custom',
        path: ['recurse'],
        message: 'additional options of DISM go with the recurse option',
      });
  });
const { shape } = params;

/** Apply Driver Package (reference: steps, section 4), between applying the operating system and its setup. */
export const applyDriverPackage = defineLaterStep({
  type: 'apply-driver-package',
  title: 'Apply Driver Package',
  menu: 'drivers',
  help: 'Puts all drivers of a package into the operating system that was applied, also for devices that are not plugged in.',
  needs: ['disk', 'process'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
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
    // Four variables that only together name a driver.
    actionVariablesWhere(
      ({ bootCritical }) => bootCritical !== undefined,
      plainActionVariables({
        OSDApplyDriverBootCriticalContentUniqueID: {
          param: 'bootCritical.contentId',
          schema: BootCritical.shape.contentId,
        },
        OSDApplyDriverBootCriticalHardwareComponent: {
          param: 'bootCritical.hardwareComponent',
          schema: BootCritical.shape.hardwareComponent,
        },
        OSDApplyDriverBootCriticalID: {
          param: 'bootCritical.id',
          schema: BootCritical.shape.id,
        },
        OSDApplyDriverBootCriticalINFFile: {
          param: 'bootCritical.infFile',
          schema: BootCritical.shape.infFile,
        },
      }),
    ),
  ),
  references: ({ package: content }) => referenceIds(content),
});
