/** Settings of Apply Driver Package that its action does not know: mass storage drivers of Windows XP and 2003. */
import { z } from 'zod';
import { actionVariablesWhere, plainActionVariables } from '#agent/sequence/action-variables.ts';

export const BootCritical = z.strictObject({
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

/** Four variables that only together name a driver. */
export const bootCriticalVariables = actionVariablesWhere(
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
);

/** What of these settings a run is refused with. */
export function bootCriticalSettings(bootCritical: unknown): readonly string[] {
  return bootCritical === undefined
    ? []
    : ['the mass storage driver of Windows XP and 2003: take the setting out'];
}
