/**
 * What is laid into a Windows that was applied, so that the run goes on in it. Pure: texts and paths.
 *
 * Two ways lead back. SetupComplete.cmd, which Windows Setup runs at its end, before anybody signs in; and a
 * service, because Windows leaves SetupComplete.cmd out where a product key of the maker is used on other
 * editions than Enterprise (reference: steps, Setup Windows and ConfigMgr). Both start the same service, of
 * which Windows runs one, so the agent starts once.
 */
import { OS_FOLDER } from '#agent/protocol/agent-settings.ts';
import type { RegistryEdit } from '#agent/sequence/windows-capability.ts';

export const SERVICE_NAME = 'MetalwrightAgent';
export const SERVICE_PROGRAM = 'metalwright-service.exe';
/** Windows Setup is over, whatever its registry says: the service waits no longer. */
export const SETUP_COMPLETE_MARK = 'setup-complete';
/** Windows Setup has failed: the run ends with `windows.setup-failed`. */
export const SETUP_FAILED_MARK = 'setup-failed';
/** What the agent has to do at its first start in the new Windows. */
export const AFTER_SETUP_FILE = 'after-setup.json';

/** Below the root of the volume. */
export const paths = {
  scripts: '\\Windows\\Setup\\Scripts',
  setupComplete: '\\Windows\\Setup\\Scripts\\SetupComplete.cmd',
  /** That of the image; it is run before ours. */
  originalSetupComplete: '\\Windows\\Setup\\Scripts\\SetupComplete.original.cmd',
  errorHandler: '\\Windows\\Setup\\Scripts\\ErrorHandler.cmd',
  unattend: '\\Windows\\Panther\\Unattend\\Unattend.xml',
  afterSetup: `\\${OS_FOLDER}\\${AFTER_SETUP_FILE}`,
} as const;

/** Answer files that would be found before ours, or hold passwords of an earlier installation. */
export const staleAnswerFiles: readonly string[] = [
  '\\Windows\\Panther\\unattend.xml',
  '\\Windows\\Panther\\autounattend.xml',
  '\\Windows\\Panther\\Unattend\\Autounattend.xml',
  '\\Windows\\System32\\Sysprep\\unattend.xml',
  '\\Windows\\System32\\Sysprep\\Panther\\unattend.xml',
  '\\unattend.xml',
  '\\autounattend.xml',
];
/** All that Windows and we have of the answer file once it is set up. */
export const answerFiles: readonly string[] = [
  paths.unattend,
  '\\Windows\\Panther\\unattend-original.xml',
  ...staleAnswerFiles,
];

/** A first line of ours, by which a SetupComplete.cmd of ours is known from one of the image. */
const OUR_MARK = 'rem Metalwright: goes on with the task sequence';

/** Whether a SetupComplete.cmd was written by us. */
export function isOurs(text: string): boolean {
  return text.includes(OUR_MARK);
}

/**
 * Runs what the image had of its own first, in a shell of its own: its `exit` ends that one only.
 * Our part is then the last, so that no step of the run meets the image's own work.
 */
export function setupCompleteText(hasOriginal: boolean): string {
  return lines([
    '@echo off',
    OUR_MARK,
    ...(hasOriginal ? ['cmd.exe /d /c call "%~dp0SetupComplete.original.cmd"'] : []),
    `echo done>"%SystemRoot%\\Metalwright\\${SETUP_COMPLETE_MARK}"`,
    `"%SystemRoot%\\System32\\sc.exe" start ${SERVICE_NAME}`,
    'exit /b 0',
  ]);
}

/** Windows Setup runs it when it fails: the agent starts, though Setup is not over, and reports. */
export function errorHandlerText(): string {
  return lines([
    '@echo off',
    'rem Metalwright: tells the server that Windows Setup has failed',
    `echo failed>"%SystemRoot%\\Metalwright\\${SETUP_FAILED_MARK}"`,
    `echo done>"%SystemRoot%\\Metalwright\\${SETUP_COMPLETE_MARK}"`,
    `"%SystemRoot%\\System32\\sc.exe" start ${SERVICE_NAME}`,
    'exit /b 0',
  ]);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}

/**
 * The service in the SYSTEM hive (MS-SCMR, section 2.2.15): a process of its own, started with Windows, as
 * Local System. The drive letters of the machine that the image was captured on go, so that this Windows
 * gets C:.
 */
export function serviceEdits(): readonly RegistryEdit[] {
  const key = `CurrentControlSet\\Services\\${SERVICE_NAME}`;
  const set = (name: string, value: Extract<RegistryEdit, { kind: 'set' }>['value']) =>
    ({ kind: 'set', key, name, value }) as const;
  return [
    { kind: 'delete-key', key: 'MountedDevices' },
    { kind: 'delete-key', key },
    set('Type', { type: 'REG_DWORD', data: 0x10 }),
    set('Start', { type: 'REG_DWORD', data: 2 }),
    set('ErrorControl', { type: 'REG_DWORD', data: 1 }),
    set('ImagePath', {
      type: 'REG_EXPAND_SZ',
      data: `%SystemRoot%\\Metalwright\\${SERVICE_PROGRAM}`,
    }),
    set('DisplayName', { type: 'REG_SZ', data: 'Metalwright task sequence' }),
    set('Description', {
      type: 'REG_SZ',
      data: 'Goes on with the task sequence that installed this Windows, and removes itself.',
    }),
    set('ObjectName', { type: 'REG_SZ', data: 'LocalSystem' }),
  ];
}
