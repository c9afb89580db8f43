/** A tool of Windows whose exit codes are known here. */
export type WindowsTool = keyof typeof tools;

/** What an exit code of a tool means. */
export interface ToolExit {
  /** `restart`: done, and takes effect with the next restart. */
  readonly outcome: 'done' | 'restart' | 'failed';
  readonly meaning: string;
  readonly hint?: string;
}
type Exits = Readonly<Record<number, ToolExit>>;

const done = (meaning: string): ToolExit => ({ outcome: 'done', meaning });
const restart = (meaning: string): ToolExit => ({ outcome: 'restart', meaning });
const failed = (meaning: string, hint?: string): ToolExit => ({
  outcome: 'failed',
  meaning,
  ...(hint === undefined ? {} : { hint }),
});

/** Win32 errors (winerror.h), also as HRESULT 0x8007…. */
const win32: Exits = {
  0: done('success'),
  1: failed('the tool cannot do what it was asked for, or refused it'),
  2: failed('a file is missing', 'Look at the paths in the log of the run.'),
  3: failed(
    'a folder or drive is missing',
    'The letter may have moved, or the volume is not formatted.',
  ),
  5: failed(
    'access denied',
    'The file or volume is in use or protected, or the account has no right to it.',
  ),
  13: failed('the data is invalid', 'Add the image, driver or answer file again from a good copy.'),
  15: failed('the drive is missing', 'The letter may have moved, or the volume is not formatted.'),
  19: failed('the disk is write-protected'),
  21: failed('the device is not ready', 'Is there a medium in the drive?'),
  23: failed('data error (CRC)', 'The disk or medium may be failing; see its SMART data.'),
  32: failed('a file is in use by another program'),
  50: failed(
    'this request is not supported',
    'A tool of another version than the image may refuse it.',
  ),
  51: failed('the server does not answer'),
  53: failed(
    'the network path was not found',
    'Look at the name of the server, at DNS, and at TCP 445.',
  ),
  55: failed('the share or resource is no longer there'),
  59: failed('an unexpected network error'),
  64: failed('the connection was closed by the server'),
  65: failed('network access is denied'),
  66: failed('the share is of another kind'),
  67: failed('the share was not found on this server', 'Look at the name of the share.'),
  71: failed('the server takes no more connections'),
  85: failed('the drive letter is in use'),
  86: failed('the password is not correct'),
  87: failed(
    'a parameter is not correct',
    'A setting of the step does not fit this version of the tool.',
  ),
  112: failed('the disk is full'),
  121: failed('the network did not answer in time'),
  122: failed('a buffer is too small'),
  123: failed('a file name, folder or label has a form that is not allowed'),
  183: failed('it is there already'),
  193: failed(
    'no valid program of this architecture',
    'Tool and image are for different architectures.',
  ),
  206: failed('a path is too long'),
  259: done('nothing was left to do'),
  267: failed('the folder name is not valid'),
  282: failed('an extended attribute or stream is not supported by the file system'),
  1003: failed('cannot complete this function'),
  1117: failed('the device reported an I/O error', 'The disk may be failing; see its SMART data.'),
  1168: failed(
    'the element was not found',
    'A volume without a drive letter looks so to some tools.',
  ),
  1203: failed(
    'no network provider accepts this path',
    'Is the network up, and the path a UNC path?',
  ),
  1219: failed(
    'this server is connected under another account',
    'One account for each server: end the other connection first.',
  ),
  1231: failed('the network location cannot be reached'),
  1243: failed('the service does not exist'),
  1272: failed('the server wants a guest, and security policy blocks guests'),
  1311: failed('no logon server is available'),
  1312: failed('the logon session does not exist'),
  1314: failed('a privilege is missing'),
  1326: failed('the user name or password is not correct'),
  1327: failed(
    'the account is restricted',
    'Blank passwords and logon hours are among the restrictions.',
  ),
  1330: failed('the password has expired'),
  1331: failed('the account is disabled'),
  1385: failed('the account may not log on in this way'),
  1396: failed(
    'the target account name is not correct',
    'The clock or the name in Active Directory may be wrong.',
  ),
  1460: failed('it took too long'),
  1641: restart('success; the tool has begun a restart'),
  1726: failed(
    'the remote procedure call failed',
    'A server process of the tool ended; try again.',
  ),
  1907: failed('the password must be changed first'),
  1909: failed('the account is locked out'),
  2250: failed('this connection does not exist'),
  3010: restart('success; takes effect with the next restart'),
};

/** HRESULTs of servicing, WIM and setup that are no Win32 errors. */
const dism: Exits = {
  0x800f0805: failed('the package is not valid, or there is no image there'),
  0x800f081e: failed(
    'the package does not apply to this image',
    'It is for another version or architecture.',
  ),
  0x800f081f: failed('the source files were not found', 'Name them with /Source.'),
  0x800f0830: failed('the image cannot be serviced any more', 'Apply it again from a good copy.'),
  0x800f0922: failed('an installer of the package failed', 'The EFI partition may be full.'),
  0x800f0247: failed('the driver could not be added to the driver store'),
  0xc1420114: failed('the mount folder is not empty or in use'),
  0xc1420117: failed('the folder could not be unmounted wholly', 'A program has files of it open.'),
  0xc1420127: failed('the image is mounted already', 'Unmount it: dism /Cleanup-Wim.'),
  0xc1510111: failed('the image cannot be written to'),
};

/** `diskpart /?`. */
const diskpart: Exits = {
  0: done('success'),
  1: failed('a fatal exception occurred', 'The disk may be failing, or its driver.'),
  2: failed('the arguments of diskpart are not correct'),
  3: failed('the script cannot be opened'),
  4: failed(
    'a service that diskpart uses reported a failure',
    'Its output is in the log of the run.',
  ),
  5: failed('a line of the script has an error', 'Its output is in the log of the run.'),
  0x80070015: failed('the device is not ready'),
};

const bcdboot: Exits = {
  193: failed(
    'boot files could not be copied',
    'The system partition is missing, full, or not formatted (FAT32 for UEFI).',
  ),
};

/** FVE_E_* (winerror.h). */
const manageBde: Exits = {
  0x80310000: failed('BitLocker has locked the volume'),
  0x80310001: failed('the volume is not encrypted'),
  0x80310002: failed('the firmware does not talk to a TPM', 'Switch the TPM on in the firmware.'),
  0x80310008: failed('BitLocker is not switched on for the volume'),
  0x8031000a: failed('Active Directory has not the attributes for recovery passwords'),
  0x80310017: failed('the volume has no such key protector'),
  0x80310018: failed('the TPM is not ready', 'Clear or initialise it in the firmware.'),
  0x80310020: failed('the volume of the operating system is not protected'),
  0x80310021: failed('protection is suspended'),
  0x8031002c: failed('policy wants a recovery password first'),
  0x8031002e: failed('encryption needs a key protector first'),
  0x80310030: failed('there is a bootable CD or DVD in the drive', 'Take it out.'),
  0x80310031: failed('there is a key protector of this kind already'),
  0x80310033: failed('there is no such key protector'),
};

/** Bits, so every number from 0 to 16: below 8 nothing failed. */
function robocopy(code: number): ToolExit {
  if (code < 0 || code > 31) return failed('see its output');
  if (code & 16) return failed('fatal: nothing was copied', 'Look at the paths and the rights.');
  if (code & 8) return failed('some files could not be copied', 'The log of the run names them.');
  const parts = [
    ...(code & 1 ? ['files were copied'] : ['nothing to copy']),
    ...(code & 2 ? ['the target has extra files'] : []),
    ...(code & 4 ? ['some files do not match'] : []),
  ];
  return done(parts.join(', '));
}

const table = (own: Exits) => (code: number) => own[code] ?? ofWin32(code);
const tools = {
  bcdboot: table(bcdboot),
  bcdedit: table({}),
  diskpart: (code: number) => diskpart[code] ?? failed('see its output'),
  dism: table(dism),
  drvload: table({}),
  'manage-bde': table(manageBde),
  // The number is that of the message, which `netUseError` reads: the exit code is always 2.
  'net use': table({}),
  netsh: (code: number) => (code === 0 ? done('success') : failed('see its output')),
  pnputil: table({}),
  reg: table({}),
  robocopy,
  wpeutil: table({}),
} as const;

/** What an exit code of a tool of Windows means; a code that is not known is a failure. */
export function toolExit(tool: WindowsTool, code: number): ToolExit {
  // As unsigned: -2147024809 is 0x80070057.
  return tools[tool](code >>> 0);
}

/** What an exit code of any program means, by its file name: of one that is not known, 0 is success. */
export function programExit(fileName: string, code: number): ToolExit {
  const name = fileName.toLowerCase().replace(/\.(exe|com)$/, '');
  if (isTool(name)) return toolExit(name, code);
  return code === 0 ? done('success') : failed('see its output');
}

function isTool(name: string): name is WindowsTool {
  return Object.hasOwn(tools, name);
}

function ofWin32(code: number): ToolExit {
  const number = code >>> 16 === 0x8007 ? code & 0xffff : code;
  return win32[number] ?? failed('see its output');
}
