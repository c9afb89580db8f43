import {
  component,
  element,
  listItem,
  type ProcessorArchitecture,
  type Unattend,
  type UnattendElement,
  unattendOf,
} from './unattend.ts';

/** A setup account must be there for OOBE to go by; this tells it that there is one. */
const createdUser =
  'reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Setup\\OOBE /v UnattendCreatedUser /t REG_DWORD /d 1 /f';

/**
 * The answer file that every installation begins with: nobody is asked anything, and no page of the
 * first start (OOBE) waits for somebody.
 */
export function defaultUnattend(architecture: ProcessorArchitecture): Unattend {
  const oobe = element('OOBE', [
    element('HideEULAPage', 'true'),
    element('HideLocalAccountScreen', 'true'),
    element('HideOEMRegistrationScreen', 'true'),
    element('HideOnlineAccountScreens', 'true'),
    element('HideWirelessSetupInOOBE', 'true'),
    element('ProtectYourPC', '1'),
  ]);
  const commands = element('RunSynchronous', [
    command(1, 'Metalwright: no account page at the first start', createdUser),
  ]);
  return unattendOf({
    specialize: [component('Microsoft-Windows-Deployment', architecture, [commands])],
    oobeSystem: [component('Microsoft-Windows-Shell-Setup', architecture, [oobe])],
  });
}

/** A command of RunSynchronous. */
export function command(order: number, description: string, path: string): UnattendElement {
  return listItem('RunSynchronousCommand', [
    element('Order', String(order)),
    element('Description', description),
    element('Path', path),
  ]);
}
