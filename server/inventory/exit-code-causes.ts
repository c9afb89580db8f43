/** What a number that Windows, its tools and installers end with means, and what it comes from most often. */
export interface CodeCause {
  readonly text: string;
  readonly cause: string;
  readonly todo: string;
}

const row = (text: string, cause: string, todo: string): CodeCause => ({ text, cause, todo });

const notFound = row(
  'file not found',
  'a file that the step names is not there: content that was not fetched, a wrong path in a command, or a partition that is missing',
  'look at the path in the step and whether its package is fetched before it',
);
const timeout = row(
  'time-out',
  'the step took longer than it may, or what it waited for never came',
  'look in the log at what it did last; give it more time where it only is slow',
);
const setup = (text: string, cause: string): CodeCause =>
  row(text, cause, 'read setupact.log and the compatibility report in the Panther folder');

/** Win32 errors by number; 0x8007xxxx is Win32 error xxxx. */
const win32Causes: Readonly<Record<number, CodeCause>> = {
  2: notFound,
  3: row(
    'path not found',
    'the volume it is aimed at has no file system yet, or a folder in the path is not there',
    'look whether the disk is formatted before this step, and at the path',
  ),
  5: row(
    'access denied',
    'the account may not do this there, or something holds the file or disk open',
    'look at the rights of the account on the share or folder, and what else uses the disk',
  ),
  14: row(
    'out of memory',
    'the machine has too little memory for what the step does in the boot image',
    'give it more memory, or a smaller image',
  ),
  15: row(
    'cannot find the drive',
    'the disk is not seen, mostly because a storage driver is missing, or it has no partition yet',
    'add the driver of the storage controller to the boot image; partition the disk before this step',
  ),
  29: row(
    'write fault',
    'the disk cannot be written',
    'look at the health of the disk (SMART) and replace it',
  ),
  23: row(
    'data error (CRC)',
    'the disk or the cable damages data',
    'look at the health of the disk (SMART) and at the memory',
  ),
  50: row(
    'not supported',
    'this is not possible there: MBR where GPT is needed, or a feature that this system does not have',
    'look at how the disk is partitioned, and whether the step fits this operating system',
  ),
  53: row(
    'network path not found',
    'the name of the server or the share is wrong, or the server cannot be reached',
    'look at the name, at DNS and the cable',
  ),
  64: row(
    'network name no longer available',
    'the connection to the share broke',
    'look at the network and the file server; run it again',
  ),
  87: row(
    'wrong parameter',
    'a setting of the step has a value that the tool does not take',
    'look at the settings of the step and at the command in the log',
  ),
  112: row(
    'disk full',
    'the partition is too small for what was written',
    'make the partition larger, or what is put on it smaller',
  ),
  161: row(
    'bad path',
    'a drive letter or path in the step does not exist there',
    'look at the drive letters in the log',
  ),
  170: row(
    'in use',
    'something holds the disk or file open',
    'restart the machine and run it again',
  ),
  1168: row(
    'element not found',
    'a partition that is needed, mostly the system partition, or its drive letter is missing',
    'look at the partitions that the sequence makes',
  ),
  1223: row('cancelled', 'it was cancelled', 'run it again'),
  1326: row(
    'logon failure',
    'name or password of the account is wrong, or it is locked',
    'set the password anew and try the account by hand',
  ),
  1231: row(
    'network unreachable',
    'there is no network: no driver of the adapter, no cable, no address by DHCP',
    'add the driver of the network adapter to the boot image; look at cable and DHCP',
  ),
  1460: timeout,
  1603: row(
    'fatal error during installation',
    'an installer (MSI) failed',
    'have it write a log (msiexec /l*v) and look there for "Return value 3"',
  ),
  1618: row(
    'another installation is going on',
    'Windows Installer is busy with another package',
    'install one after the other, or try again after some time',
  ),
  1619: row(
    'the package could not be opened',
    'the installer file is not there or not whole',
    'look at the path of the package and whether it was fetched',
  ),
  1620: row('the package is no installer', 'the file is damaged or no MSI', 'add it anew'),
  1622: row(
    'the log of the installer cannot be opened',
    'its folder is not there',
    'make the folder first',
  ),
  1633: row(
    'not for this processor',
    'the package is for another architecture',
    'take the package for the architecture of the machine',
  ),
  1638: row(
    'another version is installed',
    'the product is there already',
    'take the old one away first',
  ),
  1812: row(
    'resource data not found',
    'the boot image lacks what the tool needs',
    'make the boot image anew',
  ),
  4316: row(
    'the machine is not ready',
    'a check of Check Readiness failed',
    'the log says which: memory, processor, disk, power or network',
  ),
  12002: row(
    'the server did not answer in time',
    'network, proxy or server are slow',
    'look at the way to the server',
  ),
  12007: row(
    'the name of the server is not known',
    'DNS does not know it',
    'look at DNS and at the name',
  ),
  12029: row(
    'no connection to the server',
    'firewall, address or port are wrong',
    'look at the way to the server',
  ),
  12175: row(
    'security error',
    'the clock of the machine is wrong, or the certificate is not trusted',
    'set the clock; look at the certificate',
  ),
};

/** Numbers that are no Win32 error, as unsigned 32 bit. */
const resultCauses: Readonly<Record<number, CodeCause>> = {
  0x80004004: row(
    'aborted',
    'a step within the group failed; the group only reports it',
    'look at the step before it',
  ),
  0x80004005: row(
    'unspecified error',
    'the tool does not say more',
    'read the lines of the log before the failure',
  ),
  0x8000ffff: row(
    'catastrophic failure',
    'mostly partitions that are larger than the disk',
    'look at the sizes of partitions against the disk',
  ),
  0x80073cf2: row(
    'an app is not provisioned for all users',
    'Sysprep refuses an image in which a user installed a Store app',
    'remove the app for that user before the image is captured',
  ),
  0x800f0975: row(
    'reserved storage is in use',
    'Sysprep refuses while updates are pending',
    'let updates finish and restart before the image is captured',
  ),
  0x80091007: row(
    'hash value not correct',
    'the content is damaged, was changed after it was added, or the memory of the machine is bad',
    'add the package again; test the memory',
  ),
  0x80040102: row('content not found', 'no distribution point has it', 'add it or send it there'),
  0x80040104: row(
    'content not found',
    'no distribution point has it for this network',
    'look at boundary groups',
  ),
  0x80041010: row(
    'WMI class missing',
    'the class does not exist in this system',
    'look at the query',
  ),
  0x87d00215: row(
    'item not found',
    'WMI does not answer as it should',
    'look at the hardware and at WMI',
  ),
  0x87d00267: row(
    'Install Static Applications failed',
    'the client cannot reach its management point',
    'look at the network and the client log',
  ),
  0x87d00269: row(
    'management point not found',
    'the client cannot find its site',
    'look at boundaries and DNS',
  ),
  0x87d00324: row(
    'installed, but not detected',
    'the rule that looks for the application does not find it',
    'put the detection rule right',
  ),
  0x87d01004: row(
    'software distribution is not enabled',
    'the client has no policy yet',
    'install it later',
  ),
  0x801901f4: row('HTTP 500', 'the server failed', 'look at its log'),
  0x80190194: row('HTTP 404', 'the file is not on the server', 'look at the name; add it'),
  0x80190191: row('HTTP 401', 'the server wants another account', 'look at the account'),
  0xc1900200: setup(
    'not eligible for this Windows',
    'the machine does not meet the requirements of this Windows',
  ),
  0xc1900204: setup(
    'the choice is not possible',
    'edition, language or kind of upgrade does not fit',
  ),
  0xc1900208: setup('something blocks the upgrade', 'an application or driver is not compatible'),
  0xc190020e: setup('too little disk space', 'the system volume has too little room'),
  0xc1900210: setup('no issue found', 'Setup was asked only to look, and found nothing'),
  0xc1900101: setup('Setup went back', 'a driver made the new Windows fail'),
};

/** Exit codes of installers that are no failure. */
const restarts: Readonly<Record<number, CodeCause>> = {
  3010: row(
    'restart needed',
    'the installer did its work',
    'add 3010 to the success codes of the step, and restart',
  ),
  1641: row(
    'restart started',
    'the installer restarts the machine',
    'add 1641 to the success codes of the step',
  ),
};

/** What a number means; undefined where it is not known. @param code signed or unsigned 32 bit */
export function exitCodeCause(code: number): CodeCause | undefined {
  const number = code >>> 0;
  const win32 = number >>> 16 === 0x8007 ? number & 0xffff : number;
  return resultCauses[number] ?? restarts[number] ?? win32Causes[win32];
}

/** `0x80070002` where it is an HRESULT, else the number. */
export function formatExitCode(code: number): string {
  const number = code >>> 0;
  return number > 0xffff
    ? `0x${number.toString(16).toUpperCase().padStart(8, '0')}`
    : String(number);
}
