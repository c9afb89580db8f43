/** What the SYSTEM hive of a new Windows is told before its first start. Pure. */
import { formatGuid } from '#boot/bcd/guid.ts';
import type { VolumeId } from '../sequence/platform.ts';
import type { RegistryEdit } from '../sequence/windows-capability.ts';

/** Name of the service that keeps the agent running. */
export const SERVICE_NAME = 'MetalwrightAgent';
/** Its program, beside the agent's. */
const SERVICE_PROGRAM = 'metalwright-service.exe';
const SERVICE_KEY = `CurrentControlSet\\Services\\${SERVICE_NAME}`;

const OWN_PROCESS = 0x10;
const AUTO_START = 2;
/** Failures are logged, and Windows starts all the same. */
const NORMAL_ERROR = 1;

/**
 * The service of the agent: the second way back into the run, where Windows passes over SetupComplete.cmd, as
 * it does with an OEM product key.
 */
export function serviceEdits(): readonly RegistryEdit[] {
  const set = (name: string, value: (RegistryEdit & { kind: 'set' })['value']): RegistryEdit => ({
    kind: 'set',
    key: SERVICE_KEY,
    name,
    value,
  });
  return [
    // What an agent before this one left in the image, with settings that are not set here.
    { kind: 'delete-key', key: SERVICE_KEY },
    set('Type', { type: 'REG_DWORD', data: OWN_PROCESS }),
    set('Start', { type: 'REG_DWORD', data: AUTO_START }),
    set('ErrorControl', { type: 'REG_DWORD', data: NORMAL_ERROR }),
    set('ImagePath', {
      type: 'REG_EXPAND_SZ',
      data: `"%SystemRoot%\\Metalwright\\${SERVICE_PROGRAM}"`,
    }),
    set('ObjectName', { type: 'REG_SZ', data: 'LocalSystem' }),
    set('DisplayName', { type: 'REG_SZ', data: 'Metalwright agent' }),
    set('Description', {
      type: 'REG_SZ',
      data: 'Goes on with the task sequence that installs this computer. It removes itself at the end.',
    }),
  ];
}

/**
 * Windows takes an answer file that the registry names before any other. What Setup or Sysprep left there
 * leads to a file that is not ours.
 */
export const answerFileEdits: readonly RegistryEdit[] = [
  { kind: 'delete-value', key: 'Setup', name: 'UnattendFile' },
];

/**
 * Drive letters of the machine that the image is from go, and the volume with Windows is C:. A volume of an
 * MBR is known by where it begins, which is not told here: Windows gives its own the first letter.
 */
export function driveLetterEdits(osVolume: VolumeId): readonly RegistryEdit[] {
  const key = 'MountedDevices';
  const [, guid] = /^gpt:([\da-f-]{36})$/i.exec(osVolume) ?? [];
  const forget: RegistryEdit = { kind: 'delete-key', key };
  if (guid === undefined) return [forget];
  const data = new Uint8Array([...new TextEncoder().encode('DMIO:ID:'), ...formatGuid(guid)]);
  const name = '\\DosDevices\\C:';
  return [forget, { kind: 'set', key, name, value: { type: 'REG_BINARY', data } }];
}
