import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../child.ts';
import type { WineMachine, WineMount } from './session.ts';

/** PowerShell and WMI, which a Windows PE need not have, as Wine has them. */
const REMOVED = [
  'WindowsPowerShell/v1.0/powershell.exe',
  'wbem/wmic.exe',
  'wbem/wbemprox.dll',
  'wbem/wbemdisp.dll',
  'wbem/wmiutils.dll',
];
/** Wine's own programs, which it falls back to where a file is missing in System32. */
const BUILTIN = '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows';
const SYSTEM32 = 'drive_c/windows/system32';

/** A device that Plug and Play has found. */
export interface LabDevice {
  /** Below `Enum`: `PCI\\VEN_8086&…\\3&11583659&0&18`. */
  readonly instance: string;
  readonly name: string;
  readonly hardwareIds: readonly string[];
}

/** Nothing in place of what {@link layPrefix} takes away. */
export function removedBuiltins(root: string): WineMount[] {
  return REMOVED.map((path) => join(BUILTIN, path.slice(path.lastIndexOf('/') + 1)))
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({ host: '/dev/null', inside: path }));
}

/**
 * What a Windows PE begins with, before it starts for the first time: devices in its registry, tools in its System32,
 * and neither PowerShell nor WMI.
 */
export async function layPrefix(
  { folder, template }: WineMachine,
  { devices, tools }: { readonly devices: readonly LabDevice[]; readonly tools: readonly string[] },
): Promise<void> {
  const registry = join(folder, 'system.reg');
  if (existsSync(registry)) return;
  const own = await readFile(join(template, 'system.reg'), 'utf8');
  await writeFile(registry, `${own}\n${devices.map(registryText).join('\n')}`);
  for (const path of REMOVED) {
    const place = join(folder, SYSTEM32, path);
    await mkdir(dirname(place), { recursive: true });
    // A whiteout (Linux, Documentation/filesystems/overlayfs): the file of the template is gone.
    await runCommand(['mknod', place, 'c', '0', '0']);
  }
  for (const tool of tools)
    await copyFile(tool, join(folder, SYSTEM32, tool.slice(tool.lastIndexOf('/') + 1)));
}

/** As Wine writes its registry: backslashes doubled, the control set by its number. */
function registryText({ instance, name, hardwareIds }: LabDevice): string {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\');
  const ids = hardwareIds.map((id) => `${escaped(id)}\\0`).join('');
  return [
    `[System\\\\ControlSet001\\\\Enum\\\\${escaped(instance)}] 1700000000`,
    `"DeviceDesc"="${name}"`,
    `"HardwareID"=str(7):"${ids}"`,
    '',
  ].join('\n');
}
