import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { WmiInventory } from '#agent/sequence/query-capability.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  computerName: trueOrFalse().default(true).meta({
    title: 'Migrate computer name',
    description: 'Into OSDComputerName.',
  }),
  registration: trueOrFalse().default(true).meta({
    title: 'Migrate registered user and organization names',
    description: 'Into OSDRegisteredUserName and OSDRegisteredOrgName.',
  }),
  timeZone: trueOrFalse().default(true).meta({
    title: 'Migrate time zone',
    description: 'Into OSDTimeZone.',
  }),
});

const { shape } = params;
const flag = (param: keyof typeof shape) =>
  ({ param, type: 'boolean', schema: shape[param] }) as const;

/** Capture Windows Settings (reference: steps, section 5). What it finds overrides Apply Windows Settings. */
export const captureWindowsSettings = defineLaterStep({
  type: 'capture-windows-settings',
  title: 'Capture Windows Settings',
  menu: 'settings',
  help: 'Keeps name, registration and time zone of the Windows that is there for the one that will be.',
  needs: ['query'],
  runsIn: ['winpe', 'full-os'],
  params,
  repeatable: true,
  actionVariables: plainActionVariables({
    OSDMigrateComputerName: flag('computerName'),
    OSDMigrateRegistrationInfo: flag('registration'),
    OSDMigrateTimeZone: flag('timeZone'),
  }),
  references: () => [],
  async *simulate(wanted, context) {
    yield { detail: 'Looking at the Windows that is there' };
    const inventory = await context.platform.query.inventory(context.signal);
    const found = {
      ...(wanted.computerName && {
        OSDComputerName:
          textOf(inventory, 'Win32_ComputerSystem', 'Name') ??
          context.variables.value('_SMSTSMachineName'),
      }),
      ...(wanted.registration && {
        OSDRegisteredUserName: textOf(inventory, 'Win32_OperatingSystem', 'RegisteredUser'),
        OSDRegisteredOrgName: textOf(inventory, 'Win32_OperatingSystem', 'Organization'),
      }),
      ...(wanted.timeZone && {
        OSDTimeZone: textOf(inventory, 'Win32_TimeZone', 'StandardName'),
      }),
    };
    for (const [name, value] of Object.entries(found)) {
      context.log(value === undefined ? `${name} is not known` : `${name} = ${value}`);
      if (value !== undefined) context.variables.set(name, value);
    }
    return {};
  },
});

function textOf(inventory: WmiInventory, className: string, property: string): string | undefined {
  const value = inventory[className]?.[0]?.[property];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
