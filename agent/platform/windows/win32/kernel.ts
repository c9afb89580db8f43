/** Functions of kernel32, as `node:ffi` is told of them. */

type Ffi = NonNullable<ReturnType<typeof ffiModule>>;
/** The functions, with the types of their arguments. */
export type Kernel = ReturnType<typeof kernel>;

function ffiModule() {
  return process.getBuiltinModule('node:ffi');
}

/** Throws where there is no such library, or Node has no FFI. */
export function loadKernel(): Kernel {
  return kernel(ffiModule());
}

function kernel(ffi: Ffi) {
  // The lab's library stands for kernel32 where that is Wine's, which knows no disks.
  return ffi.dlopen(process.env['METALWRIGHT_LAB_CALLS'] ?? 'kernel32.dll', {
    GetLastError: { arguments: [], return: 'uint32' },
    GetOEMCP: { arguments: [], return: 'uint32' },
    GetSystemFirmwareTable: {
      arguments: ['uint32', 'uint32', 'buffer', 'uint32'],
      return: 'uint32',
    },
    GetFirmwareType: { arguments: ['buffer'], return: 'int32' },
    FindFirstVolumeW: { arguments: ['buffer', 'uint32'], return: 'pointer' },
    FindNextVolumeW: { arguments: ['pointer', 'buffer', 'uint32'], return: 'int32' },
    FindVolumeClose: { arguments: ['pointer'], return: 'int32' },
    GetVolumePathNamesForVolumeNameW: {
      arguments: ['buffer', 'buffer', 'uint32', 'buffer'],
      return: 'int32',
    },
    GetVolumeInformationW: {
      arguments: [
        'buffer',
        'buffer',
        'uint32',
        'pointer',
        'pointer',
        'pointer',
        'buffer',
        'uint32',
      ],
      return: 'int32',
    },
    SetVolumeLabelW: { arguments: ['buffer', 'buffer'], return: 'int32' },
    GetDriveTypeW: { arguments: ['buffer'], return: 'uint32' },
    SetVolumeMountPointW: { arguments: ['buffer', 'buffer'], return: 'int32' },
    DeleteVolumeMountPointW: { arguments: ['buffer'], return: 'int32' },
    CreateFileW: {
      arguments: ['buffer', 'uint32', 'uint32', 'pointer', 'uint32', 'uint32', 'pointer'],
      return: 'pointer',
    },
    FlushFileBuffers: { arguments: ['pointer'], return: 'int32' },
    DeviceIoControl: {
      arguments: ['pointer', 'uint32', 'buffer', 'uint32', 'buffer', 'uint32', 'buffer', 'pointer'],
      return: 'int32',
    },
    CloseHandle: { arguments: ['pointer'], return: 'int32' },
    CreateJobObjectW: { arguments: ['pointer', 'pointer'], return: 'pointer' },
    AssignProcessToJobObject: { arguments: ['pointer', 'pointer'], return: 'int32' },
    TerminateJobObject: { arguments: ['pointer', 'uint32'], return: 'int32' },
    OpenProcess: { arguments: ['uint32', 'int32', 'uint32'], return: 'pointer' },
  }).functions;
}
