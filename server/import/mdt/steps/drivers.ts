import type { MappedAction } from '../../map-step.ts';
import {
  builtIn,
  equivalent,
  inPe,
  type MapMdtStep,
  quietAccount,
  typed,
  variable,
} from '../step-parts.ts';

/** Selection profiles of MDT that have all drivers in them. */
const ALL = new Set(['all drivers', 'all drivers and packages', 'everything', '']);

const GROUP_NEED = {
  kind: 'reference',
  message: 'It takes its drivers from driver groups and selection profiles of the deployment share',
  hint: 'Import the drivers with a category for each group or profile, of the same name.',
} as const;

/** The driver group that rules and Set Variable steps name. */
const byGroup: MappedAction = {
  name: 'Drivers of the group in DriverGroup001',
  type: 'auto-apply-drivers',
  params: { categories: ['%DriverGroup001%'] },
  condition: variable('DriverGroup001', 'exists'),
};

/** ZTIDrivers: those of a selection profile and of driver groups, all or only those that fit. */
export const drivers: MapMdtStep = (reader) => {
  if (/sysprep\.inf/i.test(reader.step.name))
    return builtIn(
      reader,
      'Only Windows XP and Server 2003 need it before Sysprep: newer systems find their storage drivers',
    );
  quietAccount(reader);
  const profile = reader.text('DriverSelectionProfile')?.trim() ?? '';
  const isAll = reader.text('DriverInjectionMode')?.trim().toUpperCase() === 'ALL';
  const key = profile.toLowerCase();
  reader.need(GROUP_NEED);
  if (key === 'nothing') {
    if (isAll)
      reader.need({
        kind: 'setting',
        message:
          'It installed all drivers of the group; here those that fit the machine are installed',
      });
    return equivalent('Auto Apply Drivers, from the category named by DriverGroup001', byGroup);
  }
  if (isAll && !ALL.has(key)) {
    const name = reader.objectName('driver-package', profile) ?? profile;
    return typed({
      type: 'apply-driver-package',
      params: { package: { name }, recurse: true },
    });
  }
  // Without class and profile it runs anywhere; drivers go into an operating system that does not run.
  const isUntyped = reader.step.type === undefined;
  return typed({
    type: 'auto-apply-drivers',
    params: ALL.has(key) ? {} : { categories: [profile] },
    ...(isUntyped ? { condition: inPe } : {}),
  });
};
