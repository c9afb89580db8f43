import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { applyDataImage } from './apply-data-image.ts';
import { applyDriverPackage } from './apply-driver-package.ts';
import { applyImage } from './apply-image.ts';
import { applyNetworkSettings } from './apply-network-settings.ts';
import { applyWindowsSettings } from './apply-windows-settings.ts';
import { autoApplyDrivers } from './auto-apply-drivers.ts';
import { captureImage } from './capture-image.ts';
import { captureNetworkSettings } from './capture-network-settings.ts';
import { captureUserState } from './capture-user-state.ts';
import { captureWindowsSettings } from './capture-windows-settings.ts';
import { checkReadiness } from './check-readiness.ts';
import { connectNetworkFolder } from './connect-network-folder.ts';
import { disableBitLocker } from './disable-bitlocker.ts';
import { downloadContent } from './download-content.ts';
import { enableBitLocker } from './enable-bitlocker.ts';
import { formatDisk } from './format-disk.ts';
import { installApplication } from './install-application.ts';
import { installPackage } from './install-package.ts';
import { installUpdates } from './install-updates.ts';
import { joinDomain } from './join-domain.ts';
import { preProvisionBitLocker } from './pre-provision-bitlocker.ts';
import { prepareClient } from './prepare-client.ts';
import { prepareWindows } from './prepare-windows.ts';
import { releaseStateStore } from './release-state-store.ts';
import { requestStateStore } from './request-state-store.ts';
import { restart } from './restart.ts';
import { restoreUserState } from './restore-user-state.ts';
import { runCommand } from './run-command.ts';
import { runPowerShell } from './run-powershell.ts';
import { runSequence } from './run-sequence.ts';
import { setDynamicVariables } from './set-dynamic-variables.ts';
import { setVariable } from './set-variable.ts';
import { setupWindows } from './setup-windows.ts';
import { upgradeOs } from './upgrade-os.ts';

/**
 * Every step there is, in the order shown to people: by the menus General, Software, Disks, User State,
 * Images, Drivers, Settings.
 */
export const steps: StepRegistry = {
  'run-command': runCommand,
  'run-powershell': runPowerShell,
  'set-variable': setVariable,
  'set-dynamic-variables': setDynamicVariables,
  'run-sequence': runSequence,
  'check-readiness': checkReadiness,
  'connect-network-folder': connectNetworkFolder,
  'join-domain': joinDomain,
  restart,

  'install-application': installApplication,
  'install-package': installPackage,
  'install-updates': installUpdates,
  'download-content': downloadContent,

  'format-disk': formatDisk,
  'pre-provision-bitlocker': preProvisionBitLocker,
  'enable-bitlocker': enableBitLocker,
  'disable-bitlocker': disableBitLocker,

  'request-state-store': requestStateStore,
  'capture-user-state': captureUserState,
  'restore-user-state': restoreUserState,
  'release-state-store': releaseStateStore,

  'apply-image': applyImage,
  'apply-data-image': applyDataImage,
  'setup-windows': setupWindows,
  'upgrade-os': upgradeOs,
  'prepare-client': prepareClient,
  'prepare-windows': prepareWindows,
  'capture-image': captureImage,

  'auto-apply-drivers': autoApplyDrivers,
  'apply-driver-package': applyDriverPackage,

  'apply-network-settings': applyNetworkSettings,
  'apply-windows-settings': applyWindowsSettings,
  'capture-network-settings': captureNetworkSettings,
  'capture-windows-settings': captureWindowsSettings,
};
