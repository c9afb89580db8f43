import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { adaptersOf } from './adapters.ts';
import { membershipOf } from './membership.ts';
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
    tcpIpFiltering: reader.flag('EnableTCPIPFiltering', 'OSDEnableTCPIPFiltering') || undefined,
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
  const connections = reader.number(
    'ServerLicenseConnectionLimit',
    'OSDServerLicenseConnectionLimit',
  );
  return connections === 5 ? undefined : connections;
}

/** A password is only there where the account is enabled; exports blank both. */
function administrator(reader: StepReader): object {
  const isRandom = reader.flag('RandomAdminPassword', 'OSDRandomAdminPassword');
  const names = ['AdminPassword', 'OSDLocalAdminPassword'] as const;
  if (isRandom === true) {
    reader.ignore(...names);
    return {};
  }
  const what = 'The password of the local administrator';
  const password =
    reader.secret(what, ...names) ??
    (isRandom === false ? reader.secretIn(what, false) : undefined);
  return password === undefined ? {} : { randomAdminPassword: false, adminPassword: password };
}

/** Flags that are on unless the source says otherwise. */
const onUnless = (reader: StepReader, ...names: readonly string[]): false | undefined =>
  reader.flag(...names) === false ? false : undefined;

const captureNetworkSettings: MapStep = (reader) =>
  typed(reader, 'capture-network-settings', {
    membership: onUnless(reader, 'MigrateNetworkMembership', 'OSDMigrateNetworkMembership'),
    adapters: onUnless(reader, 'MigrateAdapterSettings', 'OSDMigrateAdapterSettings'),
  });

const captureWindowsSettings: MapStep = (reader) =>
  typed(reader, 'capture-windows-settings', {
    computerName: onUnless(reader, 'MigrateComputerName', 'OSDMigrateComputerName'),
    registration: onUnless(reader, 'MigrateRegistrationInfo', 'OSDMigrateRegistrationInfo'),
    timeZone: onUnless(reader, 'MigrateTimeZone', 'OSDMigrateTimeZone'),
  });

/** Steps of the menu *Settings* (reference: task-sequence-xml, sections 12 and 13). */
export const settingsSteps: Readonly<Record<string, MapStep>> = {
  ApplyNetworkSettings: applyNetworkSettings,
  ApplyWindowsSettings: applyWindowsSettings,
  CaptureNetworkSettings: captureNetworkSettings,
  CaptureWindowsSettings: captureWindowsSettings,
};
