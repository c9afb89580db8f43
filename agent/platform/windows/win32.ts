/**
 * Calls of Windows itself, by Node's `node:ffi`, which is experimental: so all of them are here and in
 * `win32/`, each has something to fall back on or a refusal with a code, and no type of `node:ffi` leaves
 * them. Calls block the thread: what waits for a network runs in a process of its own (network-call.ts).
 * Constants are those of winbase.h, winioctl.h and winnt.h.
 */
import { StepError } from '../../sequence/step-error.ts';
import { type Kernel, loadKernel } from './win32/kernel.ts';
import { narrow, wide } from './win32/wide.ts';

/** A program with all that it starts, to be ended together. */
export interface ProcessJob {
  terminate(): void;
  /** Lets go of it; what runs in it goes on. */
  close(): void;
}

export interface Win32 {
  /** Code page of consoles. */
  oemCodePage(): number;
  /** The SMBIOS table without the header of `GetSystemFirmwareTable`; empty where there is none. */
  smbiosTable(): Uint8Array;
  firmwareKind(): 'uefi' | 'bios' | undefined;
  /** `\\?\Volume{…}\` of all volumes, also of those without a letter. @throws {StepError} `windows.call` */
  volumes(): readonly string[];
  /** Letters and folders a volume is reached by, `C:\`. @param volume as `volumes` names it */
  mountPoints(volume: string): readonly string[];
  /** `GetDriveType`: 2 removable, 3 fixed, 4 network, 5 optical. @param root `C:\\` */
  driveType(root: string): number;
  /** Gives a volume a letter, `S:\`. @throws {StepError} `windows.call` */
  setMountPoint(mountPoint: string, volume: string): void;
  /** @throws {StepError} `windows.call` */
  removeMountPoint(mountPoint: string): void;
  /** File system, `NTFS`, and label of a volume; undefined where Windows knows no file system on it. */
  volumeInformation(
    volume: string,
  ): { readonly fileSystem: string; readonly label: string } | undefined;
  /** @throws {StepError} `windows.call` */
  setVolumeLabel(volume: string, label: string): void;
  /** Writes out what Windows has of a volume, and the cache of its disk. @throws {StepError} `windows.call` */
  flushVolume(volume: string): void;
  /**
   * Asks a driver, `DeviceIoControl`; undefined where it refuses: then it has no such thing, or no right
   * to it was given. @param device `\\.\PhysicalDrive0`, `\\?\Volume{…}` without the last backslash
   */
  deviceControl(
    device: string,
    request: { readonly code: number; readonly input?: Uint8Array; readonly outputBytes: number },
  ): Uint8Array | undefined;
  /** Undefined where it cannot be made, or the program has ended. */
  createJob(pid: number): ProcessJob | undefined;
}

const RSMB = 0x52534d42;
/** dwLength of RawSMBIOSData stands behind two words. */
const SMBIOS_HEADER_BYTES = 8;
const GENERIC_READ = 0x80000000;
const GENERIC_WRITE = 0x40000000;
const FILE_SHARE_ALL = 7;
const OPEN_EXISTING = 3;
const PROCESS_SET_QUOTA_AND_TERMINATE = 0x0101;
const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;
const ERROR_NO_MORE_FILES = 18;
const KILLED_CODE = 1067;
const NAME_CHARACTERS = 1024;

/** The calls of this Windows; undefined in another system, or in a Node that has no FFI. */
export function openWin32(): Win32 | undefined {
  if (process.platform !== 'win32') return undefined;
  try {
    return bind(loadKernel());
  } catch {
    return undefined;
  }
}

function bind(k: Kernel): Win32 {
  const check = (result: number, what: string): void => {
    if (result === 0) throw failure(what, k.GetLastError());
  };
  /** Undefined where it cannot be opened. */
  const openDevice = (path: string, access: number): bigint | undefined => {
    const handle = k.CreateFileW(wide(path), access, FILE_SHARE_ALL, 0n, OPEN_EXISTING, 0, 0n);
    return handle === INVALID_HANDLE ? undefined : handle;
  };
  return {
    oemCodePage: () => k.GetOEMCP(),
    smbiosTable() {
      const size = k.GetSystemFirmwareTable(RSMB, 0, Buffer.alloc(0), 0);
      const raw = Buffer.alloc(size);
      const got = k.GetSystemFirmwareTable(RSMB, 0, raw, size);
      return got === 0 || got > size ? new Uint8Array() : raw.subarray(SMBIOS_HEADER_BYTES, got);
    },
    firmwareKind() {
      const kind = Buffer.alloc(4);
      if (k.GetFirmwareType(kind) === 0) return undefined;
      return ({ 1: 'bios', 2: 'uefi' } as const)[kind.readUInt32LE(0)];
    },
    volumes() {
      const name = Buffer.alloc(NAME_CHARACTERS * 2);
      const search = k.FindFirstVolumeW(name, NAME_CHARACTERS);
      const found: string[] = [];
      if (search === INVALID_HANDLE) {
        const error = k.GetLastError();
        if (error === ERROR_NO_MORE_FILES) return found;
        throw failure('FindFirstVolume', error);
      }
      try {
        do found.push(narrow(name));
        while (k.FindNextVolumeW(search, name, NAME_CHARACTERS) !== 0);
        const end = k.GetLastError();
        if (end !== ERROR_NO_MORE_FILES) throw failure('FindNextVolume', end);
      } finally {
        k.FindVolumeClose(search);
      }
      return found;
    },
    mountPoints(volume) {
      const names = Buffer.alloc(NAME_CHARACTERS * 2);
      const used = Buffer.alloc(4);
      const args = [wide(volume), names, NAME_CHARACTERS, used] as const;
      if (k.GetVolumePathNamesForVolumeNameW(...args) === 0) return [];
      const all = names.subarray(0, used.readUInt32LE(0) * 2).toString('utf16le');
      return all.split('\0').filter((each) => each !== '');
    },
    volumeInformation(volume) {
      const [label, fileSystem] = [
        Buffer.alloc(NAME_CHARACTERS * 2),
        Buffer.alloc(NAME_CHARACTERS * 2),
      ];
      const known = k.GetVolumeInformationW(
        wide(volume),
        label,
        NAME_CHARACTERS,
        0n,
        0n,
        0n,
        fileSystem,
        NAME_CHARACTERS,
      );
      return known === 0 ? undefined : { label: narrow(label), fileSystem: narrow(fileSystem) };
    },
    setVolumeLabel(volume, label) {
      check(k.SetVolumeLabelW(wide(volume), wide(label)), `labelling ${volume}`);
    },
    driveType: (root) => k.GetDriveTypeW(wide(root)),
    setMountPoint(mountPoint, volume) {
      check(k.SetVolumeMountPointW(wide(mountPoint), wide(volume)), `giving ${mountPoint}`);
    },
    removeMountPoint(mountPoint) {
      check(k.DeleteVolumeMountPointW(wide(mountPoint)), `taking ${mountPoint}`);
    },
    flushVolume(volume) {
      const handle = openDevice(volume.replace(/\\$/, ''), (GENERIC_READ | GENERIC_WRITE) >>> 0);
      if (handle === undefined) throw failure(`opening ${volume}`, k.GetLastError());
      try {
        check(k.FlushFileBuffers(handle), `flushing ${volume}`);
      } finally {
        k.CloseHandle(handle);
      }
    },
    deviceControl(device, { code, input = new Uint8Array(), outputBytes }) {
      // Bits 14 and 15 of a control code: what access it needs (CTL_CODE).
      const access = (code >>> 14) & 3;
      const rights = ((access & 1) << 31) | ((access & 2) << 29);
      const handle = openDevice(device, rights >>> 0);
      if (handle === undefined) return undefined;
      try {
        const [given, output, size] = [
          Buffer.from(input),
          Buffer.alloc(outputBytes),
          Buffer.alloc(4),
        ];
        const done = k.DeviceIoControl(
          handle,
          code,
          given,
          given.length,
          output,
          outputBytes,
          size,
          0n,
        );
        return done === 0 ? undefined : output.subarray(0, size.readUInt32LE(0));
      } finally {
        k.CloseHandle(handle);
      }
    },
    createJob(pid) {
      const program = k.OpenProcess(PROCESS_SET_QUOTA_AND_TERMINATE, 0, pid);
      if (program === 0n) return undefined;
      const job = k.CreateJobObjectW(0n, 0n);
      const isIn = job !== 0n && k.AssignProcessToJobObject(job, program) !== 0;
      k.CloseHandle(program);
      if (isIn)
        return {
          terminate: () => void k.TerminateJobObject(job, KILLED_CODE),
          close: () => void k.CloseHandle(job),
        };
      if (job !== 0n) k.CloseHandle(job);
      return undefined;
    },
  };
}

/** HRESULT_FROM_WIN32. */
function failure(what: string, code: number): StepError {
  return new StepError('windows.call', `Windows refused ${what} with error ${code}`, {
    exitCode: code === 0 ? 0x80004005 : (0x80070000 | code) >>> 0,
  });
}
