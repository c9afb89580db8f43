import { formatWindowsDisk } from '../sequences.ts';
import type { SequenceDocument } from '../site.ts';

/** Names under which the lab stores what comes of the ISO. */
export const BOOT_IMAGE = 'Windows PE of the ISO';
export const OS_IMAGE = 'Windows of the ISO';
export const SEQUENCE = 'Windows from bare metal';
const PROOF = 'C:\\metalwright-lab.txt';

/** From an empty disk to the installed Windows, where three commands tell what it is. @param index of the edition */
export function installWindows(index: number): SequenceDocument {
  const inPe = { kind: 'variable', variable: '_SMSTSInWinPE', operator: 'equals', value: 'true' };
  const command = (step: string, commandLine: string, outputVariable?: string) => ({
    step,
    type: 'run-command',
    params: { commandLine, ...(outputVariable === undefined ? {} : { outputVariable }) },
  });
  return {
    name: SEQUENCE,
    bootImage: { name: BOOT_IMAGE },
    steps: [
      {
        group: 'Install',
        condition: inPe,
        steps: [
          formatWindowsDisk(),
          {
            step: 'Apply Windows',
            type: 'apply-image',
            params: { image: { name: OS_IMAGE }, index, destination: { variable: 'OsVolume' } },
          },
          {
            step: 'Windows settings',
            type: 'apply-windows-settings',
            params: { registeredOrganization: 'Metalwright lab', timeZone: 'UTC' },
          },
          {
            step: 'Network settings',
            type: 'apply-network-settings',
            params: { join: 'workgroup', workgroup: 'LAB' },
          },
          { step: 'Set Windows up', type: 'setup-windows', params: {} },
        ],
      },
      {
        group: 'In Windows',
        steps: [
          command('Version', 'cmd.exe /c ver', 'LabVersion'),
          command('Computer name', 'hostname.exe', 'LabName'),
          command(
            'Secure Boot',
            'reg.exe query HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecureBoot\\State /v UEFISecureBootEnabled',
            'LabSecureBoot',
          ),
          command('Leave a proof', `cmd.exe /c ver > ${PROOF}`),
        ],
      },
    ],
  };
}
