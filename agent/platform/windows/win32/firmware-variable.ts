/** Variables of the UEFI, which Windows tells an administrator that has asked for the right to them. */
import { wide } from './wide.ts';

const PRIVILEGE = 'SeSystemEnvironmentPrivilege';
const SE_PRIVILEGE_ENABLED = 2;
const TOKEN_QUERY_AND_ADJUST_PRIVILEGES = 0x28;
const ERROR_ENVVAR_NOT_FOUND = 203;
/** A `dbx` has some tens of KiB. */
const MOST_BYTES = 1024 * 1024;

/**
 * Data of a variable; empty where the firmware has none of that name, undefined where Windows, or the Node of
 * this agent, does not tell. @param vendor GUID without braces
 */
export function firmwareVariable(name: string, vendor: string): Uint8Array | undefined {
  if (process.platform !== 'win32') return undefined;
  try {
    const found = readVariable(name, vendor);
    if (typeof found !== 'number') return found;
    return found === ERROR_ENVVAR_NOT_FOUND ? new Uint8Array() : undefined;
  } catch {
    return undefined;
  }
}

/** Its data, or the error of Windows. Throws where Node makes no calls. */
export function readVariable(name: string, vendor: string): Uint8Array | number {
  const ffi = process.getBuiltinModule('node:ffi');
  const kernel = new ffi.DynamicLibrary('kernel32.dll');
  askForRight(kernel, new ffi.DynamicLibrary('advapi32.dll'));
  const read = kernel.getFunction('GetFirmwareEnvironmentVariableW', {
    arguments: ['buffer', 'buffer', 'buffer', 'uint32'],
    return: 'uint32',
  });
  const lastError = kernel.getFunction('GetLastError', { arguments: [], return: 'uint32' });
  const data = Buffer.alloc(MOST_BYTES);
  const size = read(wide(name), wide(`{${vendor}}`), data, data.length);
  return size > 0 ? data.subarray(0, size) : lastError();
}

type Library = InstanceType<
  ReturnType<typeof process.getBuiltinModule<'node:ffi'>>['DynamicLibrary']
>;

/** Where it is refused, reading is. */
function askForRight(kernel: Library, advapi: Library): void {
  const current = kernel.getFunction('GetCurrentProcess', { arguments: [], return: 'pointer' });
  const open = advapi.getFunction('OpenProcessToken', {
    arguments: ['pointer', 'uint32', 'buffer'],
    return: 'int32',
  });
  const lookUp = advapi.getFunction('LookupPrivilegeValueW', {
    arguments: ['pointer', 'buffer', 'buffer'],
    return: 'int32',
  });
  const adjust = advapi.getFunction('AdjustTokenPrivileges', {
    arguments: ['pointer', 'int32', 'buffer', 'uint32', 'pointer', 'pointer'],
    return: 'int32',
  });
  const close = kernel.getFunction('CloseHandle', { arguments: ['pointer'], return: 'int32' });
  const place = Buffer.alloc(8);
  if (open(current(), TOKEN_QUERY_AND_ADJUST_PRIVILEGES, place) === 0) return;
  const token = place.readBigUInt64LE(0);
  // TOKEN_PRIVILEGES: how many, the LUID of one, its attributes.
  const wanted = Buffer.alloc(16);
  wanted.writeUInt32LE(1, 0);
  wanted.writeUInt32LE(SE_PRIVILEGE_ENABLED, 12);
  if (lookUp(0n, wide(PRIVILEGE), wanted.subarray(4, 12)) !== 0)
    adjust(token, 0, wanted, 0, 0n, 0n);
  close(token);
}
