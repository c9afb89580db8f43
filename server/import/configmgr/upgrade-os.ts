import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { numberOf, packageOf, requiredPackage, switchOf, tell, textOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Upgrade Operating System. The names of its variables begin with `OSDUpgrade`. */
export const upgradeOperatingSystem: MapStep = (reader) => {
  const preserved = textOf(reader, 'PreserveSettings', 'OSDUpgradePreserveSettings');
  // The only value that was ever seen, and the only thing that an upgrade is.
  if (preserved !== undefined && preserved.toLowerCase() !== 'upgrade')
    tell(reader, `It keeps of the old system: ${preserved}; all of it is kept here`);
  return typed(reader, 'upgrade-os', {
    ...sourceOf(reader),
    edition: numberOf(reader, 'InstallEditionIndex', 'OSDUpgradeInstallEditionIndex'),
    productKey: productKeyOf(reader),
    ...driversOf(reader),
    timeoutMinutes: timeoutMinutesOf(reader),
    scanOnly: switchOf(reader, 'ScanOnly', 'OSDUpgradeScanOnly'),
    ignoreMessages: switchOf(reader, 'IgnoreMessages', 'OSDUpgradeIgnoreMessages'),
    ...dynamicUpdateOf(reader),
  });
};

const upgradePackage = {
  what: 'The upgrade package',
  names: ['InstallPackageID', 'OSDUpgradeInstallPackageID'],
} as const;

/** One of package, path and feature updates, looked for in this order. */
function sourceOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const media = packageOf(reader, 'os-upgrade-package', upgradePackage);
  const path = textOf(reader, 'InstallPath', 'OSDUpgradeInstallPath');
  const featureUpdates = featureUpdatesOf(reader);
  if (media !== undefined) {
    if (path !== undefined)
      tell(reader, `It names an upgrade package and the path ${path}: the package is taken`);
    return { package: media };
  }
  if (path !== undefined) return { path };
  if (featureUpdates !== undefined) return { featureUpdates };
  return { package: requiredPackage(reader, 'os-upgrade-package', upgradePackage) };
}

/** By name: the ids of the other site say nothing here. Names have commas in them. */
function featureUpdatesOf(reader: StepReader): readonly string[] | undefined {
  const names = textOf(reader, 'FeatureUpdateName', 'OSDUpgradeFeatureUpdateName');
  const ids = textOf(reader, 'FeatureUpdateAssignmentId', 'OSDFeatureUpdateAssignmentID');
  const text = names ?? ids;
  const parts = text?.split(/[;\r\n]+/).map((part) => part.trim());
  const found = parts?.filter(Boolean) ?? [];
  if (found.length === 0) return undefined;
  reader.need({
    kind: 'reference',
    message: `It installs feature updates of the other site: ${found.join('; ').slice(0, 300)}`,
    hint: 'Give their names here.',
  });
  return found;
}

/** One that is empty is none. */
function productKeyOf(reader: StepReader): string | undefined {
  const names = ['OsProductKey', 'OSDUpgradeOsProductKey'] as const;
  return textOf(reader, ...names) && reader.secret('The product key', ...names);
}

function driversOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const driverPackage = reader.reference(
    'driver-package',
    'DriverPackageID',
    'OSDUpgradeDriverPackageID',
  );
  const stagedContent = textOf(reader, 'StagedContent', 'OSDUpgradeStagedContent');
  if (driverPackage === undefined) return { stagedContent };
  if (stagedContent !== undefined)
    tell(reader, `It names a driver package and the folder ${stagedContent}: the package is taken`);
  return { driverPackage };
}

/** The attribute is in seconds, the property in minutes. */
function timeoutMinutesOf(reader: StepReader): number | string | undefined {
  const minutes = numberOf(reader, 'SetupTimeout', 'OSDUpgradeSetupTimeout');
  const seconds = reader.attribute('timeout')?.trim();
  if (seconds !== undefined && /^0*[1-9]\d{0,8}$/.test(seconds))
    return Math.ceil(Number(seconds) / 60);
  return minutes === 0 ? undefined : minutes;
}

/** `Disable` is none; `OverridePolicy` and `UsePolicy` are the others, in what spelling is not known. */
function dynamicUpdateOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const text = textOf(reader, 'DynamicUpdateSettings', 'OSDUpgradeDynamicUpdateSettings');
  if (text === undefined || /^(disabled?|dont.*|none|no|false|0)$/i.test(text)) return {};
  if (/override/i.test(text)) return { dynamicUpdate: true, overridePolicy: true };
  if (/^(enabled?|use.*|yes|true|1)$/i.test(text)) return { dynamicUpdate: true };
  tell(reader, `How Windows Setup is updated is not clear: ${text.slice(0, 100)}; it is not`);
  return {};
}
