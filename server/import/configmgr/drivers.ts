import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { listOf, requiredPackage, switchOf, tell, textOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Steps of the menu *Drivers* (reference: task-sequence-xml, sections 12 and 13). */
export const driverSteps: Readonly<Record<string, MapStep>> = {
  AutoApply: (reader) =>
    typed(reader, 'auto-apply-drivers', {
      bestMatch: switchOf(reader, 'BestMatch', 'OSDAutoApplyDriverBestMatch'),
      categories: categoriesOf(reader),
      allowUnsigned: allowUnsignedOf(reader),
    }),
  ApplyDriverPackage: (reader) =>
    typed(reader, 'apply-driver-package', {
      package: requiredPackage(reader, 'driver-package', {
        what: 'The driver package',
        names: ['DriverPackageID', 'OSDApplyDriverDriverPackageID'],
        argument: 'install',
      }),
      recurse: switchOf(reader, 'Recurse', 'OSDRecurse'),
      bootCritical: bootCriticalOf(reader),
      allowUnsigned: allowUnsignedOf(reader),
    }),
};

function allowUnsignedOf(reader: StepReader): boolean | string | undefined {
  return switchOf(reader, 'UnsignedDriver', 'OSDAllowUnsignedDriver');
}

/** Ids of the other site, which say nothing here. */
function categoriesOf(reader: StepReader): readonly string[] | undefined {
  const found = listOf(reader, 'CategoryList', 'OSDAutoApplyDriverCategoryList');
  if (found === undefined || found.length === 0) return undefined;
  if (found.some((each) => !each.includes('%')))
    reader.need({
      kind: 'reference',
      message: `It chooses drivers of ${found.length === 1 ? 'a category' : `${found.length} categories`} of the other site: ${found.join(', ').slice(0, 300)}`,
      hint: 'Give the names of categories here, or leave them out.',
    });
  return found;
}

/** Only all of them name a driver; `BootCriticalDriverID` only says that there is one. */
function bootCriticalOf(reader: StepReader): object | undefined {
  const prefix = 'OSDApplyDriver';
  const [contentId, id, infFile, hardwareComponent] = [
    'BootCriticalContentUniqueID',
    'BootCriticalID',
    'BootCriticalINFFile',
    'BootCriticalHardwareComponent',
  ].map((name) => textOf(reader, name, `${prefix}${name}`));
  reader.ignore('BootCriticalDriverID', `${prefix}BootCriticalDriverID`);
  const parts = [contentId, id, infFile];
  if (parts.every((part) => part === undefined)) return undefined;
  if (parts.some((part) => part === undefined)) {
    tell(
      reader,
      `The driver of the disk controller is not wholly named: ${parts.filter(Boolean).join(', ').slice(0, 300)}`,
    );
    return undefined;
  }
  return { contentId, id, infFile, hardwareComponent: hardwareComponent?.toLowerCase() ?? 'scsi' };
}
