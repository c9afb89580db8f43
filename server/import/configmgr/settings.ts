import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { adaptersOf } from './adapters.ts';
import { membershipOf } from './membership.ts';
import { numberOf, switchBeside, switchOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Apply Network Settings. */
const applyNetworkSettings: MapStep = (reader) =>
  typed(reader, 'apply-network-settings', {
    ...membershipOf(reader, {
      join: ['NetworkJoinType', 'OSDNetworkJoinType'],
      workgroup: 'OSDWorkgroupName',
      domain: 'OSDDomainName',
      ou: 'OSDDomainOUName',
    }),
    adapters: adaptersOf(reader),
    dnsDomain: reader.text('DNSDomain', 'OSDDNSDomain')?.trim(),
    dnsSuffixes: reader.text('DNSSuffixSearchOrder', 'OSDDNSSuffixSearchOrder')?.trim(),
    tcpIpFiltering: switchBeside(reader, false, 'EnableTCPIPFiltering', 'OSDEnableTCPIPFiltering'),
  });

/** Apply Windows Settings. The name of the computer is left to the run where it is the standard one. */
const applyWindowsSettings: MapStep = (reader) => {
  const text = (property: string, variable = `OSD${property}`) =>
    reader.text(property, variable)?.trim();
  const computerName = text('ComputerName');
  const licenseMode = text('ServerLicenseMode')?.toLowerCase();
  return typed(reader, 'apply-windows-settings', {
    computerName: computerName?.toLowerCase() === '%_smstsmachinename%' ? undefined : computerName,
    registeredUser: text('RegisteredUserName'),
    registeredOrganization: text('RegisteredOrgName'),
    productKey: productKey(reader),
    licenseMode:
      licenseMode === undefined
        ? undefined
        : ({ perseat: 'PerSeat', perserver: 'PerServer' }[licenseMode] ?? licenseMode),
    licenseConnections: licenseConnections(reader),
    ...administrator(reader),
    timeZone: text('TimeZone'),
    inputLocale: text('InputLocale', 'OSDWindowsSettingsInputLocale'),
    systemLocale: text('SystemLocale', 'OSDWindowsSettingsSystemLocale'),
    uiLanguage: text('UILanguage', 'OSDWindowsSettingsUILanguage'),
    uiLanguageFallback: text('UILanguageFallback', 'OSDWindowsSettingsUILanguageFallback'),
    userLocale: text('UserLocale', 'OSDWindowsSettingsUserLocale'),
  });
};

/** An empty one is none; a key made of variables is no secret by itself. */
function productKey(reader: StepReader): string | undefined {
  const key = reader.text('ProductKey', 'OSDProductKey')?.trim();
  if (key === undefined || key === '' || key.includes('%')) return key || undefined;
  return reader.secretIn('The product key', true);
}

/** The editor writes 5 whether servers are meant or not. */
function licenseConnections(reader: StepReader): number | string | undefined {
  const connections = numberOf(
    reader,
    'ServerLicenseConnectionLimit',
    'OSDServerLicenseConnectionLimit',
  );
  return connections === 5 ? undefined : connections;
}

/** A password is only there where the account is enabled; exports blank both. */
function administrator(reader: StepReader): object {
  const isRandom = switchOf(reader, 'RandomAdminPassword', 'OSDRandomAdminPassword');
  const names = ['AdminPassword', 'OSDLocalAdminPassword'] as const;
  if (isRandom === true) {
    reader.ignore(...names);
    return {};
  }
  const what = 'The password of the local administrator';
  const password =
    reader.secret(what, ...names) ??
    (isRandom === false ? reader.secretIn(what, false) : undefined);
  if (password === undefined) return {};
  const isOpen = typeof isRandom === 'string' && isRandom.includes('%');
  return { randomAdminPassword: isOpen ? isRandom : false, adminPassword: password };
}

const captureNetworkSettings: MapStep = (reader) =>
  typed(reader, 'capture-network-settings', {
    membership: switchBeside(
      reader,
      true,
      'MigrateNetworkMembership',
      'OSDMigrateNetworkMembership',
    ),
    adapters: switchBeside(reader, true, 'MigrateAdapterSettings', 'OSDMigrateAdapterSettings'),
  });

const captureWindowsSettings: MapStep = (reader) =>
  typed(reader, 'capture-windows-settings', {
    computerName: switchBeside(reader, true, 'MigrateComputerName', 'OSDMigrateComputerName'),
    registration: switchBeside(
      reader,
      true,
      'MigrateRegistrationInfo',
      'OSDMigrateRegistrationInfo',
    ),
    timeZone: switchBeside(reader, true, 'MigrateTimeZone', 'OSDMigrateTimeZone'),
  });

/** Steps of the menu *Settings* (reference: task-sequence-xml, sections 12 and 13). */
export const settingsSteps: Readonly<Record<string, MapStep>> = {
  ApplyNetworkSettings: applyNetworkSettings,
  ApplyWindowsSettings: applyWindowsSettings,
  CaptureNetworkSettings: captureNetworkSettings,
  CaptureWindowsSettings: captureWindowsSettings,
};
