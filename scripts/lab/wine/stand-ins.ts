import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileNative, serviceProgram } from '../../agent-build/native.ts';

const sources = join(import.meta.dirname, 'stand-in');
/** The agent's table of calls, `Name: {` a line: what the lab's library has to know. */
const callTable = join(import.meta.dirname, '../../../agent/platform/windows/win32/kernel.ts');

/** Calls that `calls.c` answers; the others are those of Wine. */
const answered = [
  'CloseHandle',
  'CreateFileW',
  'DeleteVolumeMountPointW',
  'DeviceIoControl',
  'FindFirstVolumeW',
  'FindNextVolumeW',
  'FindVolumeClose',
  'FlushFileBuffers',
  'GetFirmwareType',
  'GetSystemFirmwareTable',
  'GetVolumeInformationW',
  'GetVolumePathNamesForVolumeNameW',
  'SetVolumeLabelW',
  'SetVolumeMountPointW',
];

/** The library that stands for kernel32, by its name in the folder of `compileStandIns`. */
export const CALLS_LIBRARY = 'lab-calls.dll';

/** Compiles what runs in Wine in place of Windows: the tools, each a copy, and the library of calls. */
export async function compileStandIns(
  folder: string,
  tools: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = [...(await readFile(callTable, 'utf8')).matchAll(/^ {4}([A-Z]\w+): \{/gm)].map(
    ([, name = '']) => name,
  );
  if (!names.includes('CreateFileW')) throw new Error(`${callTable} has no table of calls`);
  const exported = [...new Set([...names, ...answered])].map((name) =>
    answered.includes(name) ? `  ${name} = Lab${name}` : `  ${name} = kernel32.${name}`,
  );
  const definitions = join(folder, 'calls.def');
  await writeFile(definitions, `EXPORTS\n${exported.join('\n')}\n`);
  const common = {
    folder: sources,
    architecture: 'x64',
    libraries: ['kernel32', 'ws2_32'],
  } as const;
  const library = {
    ...common,
    name: CALLS_LIBRARY,
    source: 'calls.c',
    link: ['-shared', definitions],
  };
  const tool = { ...common, name: 'tool.exe', source: 'tool.c', link: serviceProgram.link };
  await compileNative(library, { folder, signal });
  const program = await compileNative(tool, { folder, signal });
  for (const name of tools) await copyFile(program, join(folder, `${name}.exe`));
}
