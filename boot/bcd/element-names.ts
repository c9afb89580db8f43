import { objectType } from './object-kinds.ts';

/** What is known of an element: its name in bcdedit, and how its number is written. */
export interface ElementName {
  readonly id: number;
  readonly name: string;
  /** Names of the values 0, 1, 2 … of an integer. */
  readonly choices?: readonly string[];
  /** An integer that bcdedit writes in hexadecimal. */
  readonly hexadecimal?: true;
}

const debugTypes = ['Serial', '1394', 'USB', 'NET', 'Local'];
const messages = [
  'Default',
  'Resume',
  'HyperV',
  'Recovery',
  'StartupRepair',
  'SystemImageRecovery',
  'CommandPrompt',
  'SystemRestore',
  'PushButtonReset',
];
const menuPolicies = ['Legacy', 'Standard'];
const defaultDisableEnable = ['Default', 'Disable', 'Enable'];
const defaultForceDisable = ['Default', 'ForceDisable'];

/**
 * Elements that any object may have. Names and ids of all tables: "BCD settings and BitLocker" of
 * Microsoft's documentation; those of the boot manager and the choices: its reference of `bcdedit /set`.
 */
const library: readonly ElementName[] = [
  { id: 0x11000001, name: 'device' },
  { id: 0x12000002, name: 'path' },
  { id: 0x12000004, name: 'description' },
  { id: 0x12000005, name: 'locale' },
  { id: 0x14000006, name: 'inherit' },
  { id: 0x15000007, name: 'truncatememory', hexadecimal: true },
  { id: 0x14000008, name: 'recoverysequence' },
  { id: 0x16000009, name: 'recoveryenabled' },
  { id: 0x1700000a, name: 'badmemorylist' },
  { id: 0x1600000b, name: 'badmemoryaccess' },
  { id: 0x1500000c, name: 'firstmegabytepolicy', choices: ['UseNone', 'UseAll', 'UsePrivate'] },
  { id: 0x1500000d, name: 'relocatephysical', hexadecimal: true },
  { id: 0x1500000e, name: 'avoidlowmemory', hexadecimal: true },
  { id: 0x1600000f, name: 'traditionalkseg' },
  { id: 0x16000010, name: 'bootdebug' },
  { id: 0x15000011, name: 'debugtype', choices: debugTypes },
  { id: 0x15000012, name: 'debugaddress', hexadecimal: true },
  { id: 0x15000013, name: 'debugport' },
  { id: 0x15000014, name: 'baudrate' },
  { id: 0x15000015, name: 'channel' },
  { id: 0x12000016, name: 'targetname' },
  { id: 0x16000017, name: 'noumex' },
  { id: 0x15000018, name: 'debugstart', choices: ['Active', 'AutoEnable', 'Disable'] },
  { id: 0x12000019, name: 'busparams' },
  { id: 0x1500001a, name: 'hostip' },
  { id: 0x1500001b, name: 'port' },
  { id: 0x1600001c, name: 'dhcp' },
  { id: 0x1200001d, name: 'key' },
  { id: 0x1600001e, name: 'vm' },
  { id: 0x16000020, name: 'bootems' },
  { id: 0x15000022, name: 'emsport' },
  { id: 0x15000023, name: 'emsbaudrate' },
  { id: 0x12000030, name: 'loadoptions' },
  { id: 0x16000040, name: 'advancedoptions' },
  { id: 0x16000041, name: 'optionsedit' },
  { id: 0x15000042, name: 'keyringaddress', hexadecimal: true },
  { id: 0x16000046, name: 'graphicsmodedisabled' },
  { id: 0x15000047, name: 'configaccesspolicy', choices: ['Default', 'DisallowMmConfig'] },
  { id: 0x16000048, name: 'nointegritychecks' },
  { id: 0x16000049, name: 'testsigning' },
  { id: 0x1200004a, name: 'fontpath' },
  { id: 0x1500004b, name: 'integrityservices', choices: defaultDisableEnable },
  { id: 0x1500004c, name: 'volumebandid' },
  { id: 0x16000050, name: 'extendedinput' },
  { id: 0x15000051, name: 'initialconsoleinput' },
  { id: 0x15000052, name: 'graphicsresolution', choices: ['1024x768', '800x600', '1024x600'] },
  { id: 0x16000053, name: 'restartonfailure' },
  { id: 0x16000054, name: 'highestmode' },
  { id: 0x16000060, name: 'isolatedcontext' },
  { id: 0x15000065, name: 'displaymessage', choices: messages },
  { id: 0x15000066, name: 'displaymessageoverride', choices: messages },
  { id: 0x1600006c, name: 'bootuxdisabled' },
  { id: 0x16000072, name: 'nokeyboard' },
  { id: 0x16000074, name: 'bootshutdowndisabled' },
  { id: 0x17000077, name: 'allowedinmemorysettings' },
  { id: 0x1600007b, name: 'forcefipscrypto' },
  { id: 0x1600007e, name: 'flightsigning' },
  { id: 0x15000081, name: 'logcontrol' },
];

const bootManager: readonly ElementName[] = [
  { id: 0x24000001, name: 'displayorder' },
  { id: 0x24000002, name: 'bootsequence' },
  { id: 0x23000003, name: 'default' },
  { id: 0x25000004, name: 'timeout' },
  { id: 0x26000005, name: 'resume' },
  { id: 0x23000006, name: 'resumeobject' },
  { id: 0x24000010, name: 'toolsdisplayorder' },
  { id: 0x26000020, name: 'displaybootmenu' },
  { id: 0x26000021, name: 'noerrordisplay' },
  { id: 0x21000022, name: 'bcddevice' },
  { id: 0x22000023, name: 'bcdfilepath' },
  { id: 0x27000030, name: 'customactions' },
  { id: 0x26000031, name: 'persistbootsequence' },
  { id: 0x22000040, name: 'fverecoveryurl' },
  { id: 0x22000041, name: 'fverecoverymessage' },
];

const bootStatusPolicies = [
  'DisplayAllFailures',
  'IgnoreAllFailures',
  'IgnoreShutdownFailures',
  'IgnoreBootFailures',
  'IgnoreCheckpointFailures',
  'DisplayShutdownFailures',
  'DisplayBootFailures',
  'DisplayCheckpointFailures',
];

const osLoader: readonly ElementName[] = [
  { id: 0x21000001, name: 'osdevice' },
  { id: 0x22000002, name: 'systemroot' },
  { id: 0x23000003, name: 'resumeobject' },
  { id: 0x26000004, name: 'stampdisks' },
  { id: 0x26000010, name: 'detecthal' },
  { id: 0x22000011, name: 'kernel' },
  { id: 0x22000012, name: 'hal' },
  { id: 0x22000013, name: 'dbgtransport' },
  { id: 0x25000020, name: 'nx', choices: ['OptIn', 'OptOut', 'AlwaysOff', 'AlwaysOn'] },
  { id: 0x25000021, name: 'pae', choices: ['Default', 'ForceEnable', 'ForceDisable'] },
  { id: 0x26000022, name: 'winpe' },
  { id: 0x26000024, name: 'nocrashautoreboot' },
  { id: 0x26000025, name: 'lastknowngood' },
  { id: 0x26000030, name: 'nolowmem' },
  { id: 0x25000031, name: 'removememory' },
  { id: 0x25000032, name: 'increaseuserva' },
  { id: 0x25000033, name: 'perfmem' },
  { id: 0x26000040, name: 'vga' },
  { id: 0x26000041, name: 'quietboot' },
  { id: 0x26000042, name: 'novesa' },
  { id: 0x26000043, name: 'novga' },
  { id: 0x25000050, name: 'clustermodeaddressing' },
  { id: 0x26000051, name: 'usephysicaldestination' },
  { id: 0x25000052, name: 'restrictapiccluster' },
  { id: 0x22000053, name: 'evstore' },
  { id: 0x26000054, name: 'uselegacyapicmode' },
  { id: 0x25000055, name: 'x2apicpolicy', choices: defaultDisableEnable },
  { id: 0x26000060, name: 'onecpu' },
  { id: 0x25000061, name: 'numproc' },
  { id: 0x26000062, name: 'maxproc' },
  { id: 0x25000063, name: 'configflags' },
  { id: 0x26000064, name: 'maxgroup' },
  { id: 0x26000065, name: 'groupaware' },
  { id: 0x25000066, name: 'groupsize' },
  { id: 0x26000070, name: 'usefirmwarepcisettings' },
  { id: 0x25000071, name: 'msi', choices: defaultForceDisable },
  { id: 0x25000072, name: 'pciexpress', choices: defaultForceDisable },
  { id: 0x25000080, name: 'safeboot', choices: ['Minimal', 'Network', 'DsRepair'] },
  { id: 0x26000081, name: 'safebootalternateshell' },
  { id: 0x26000090, name: 'bootlog' },
  { id: 0x26000091, name: 'sos' },
  { id: 0x260000a0, name: 'debug' },
  { id: 0x260000a1, name: 'halbreakpoint' },
  { id: 0x260000a2, name: 'useplatformclock' },
  { id: 0x260000a3, name: 'forcelegacyplatform' },
  { id: 0x260000a4, name: 'useplatformtick' },
  { id: 0x260000a5, name: 'disabledynamictick' },
  { id: 0x250000a6, name: 'tscsyncpolicy', choices: ['Default', 'Legacy', 'Enhanced'] },
  { id: 0x260000b0, name: 'ems' },
  { id: 0x250000c1, name: 'driverloadfailurepolicy', choices: ['Fatal', 'UseErrorControl'] },
  { id: 0x250000c2, name: 'bootmenupolicy', choices: menuPolicies },
  { id: 0x260000c3, name: 'onetimeadvancedoptions' },
  { id: 0x260000c4, name: 'onetimeoptionsedit' },
  { id: 0x250000e0, name: 'bootstatuspolicy', choices: bootStatusPolicies },
  { id: 0x260000e1, name: 'disableelamdrivers' },
  { id: 0x250000f0, name: 'hypervisorlaunchtype', choices: ['Off', 'Auto'] },
  { id: 0x260000f2, name: 'hypervisordebug' },
  { id: 0x250000f3, name: 'hypervisordebugtype', choices: debugTypes },
  { id: 0x250000f4, name: 'hypervisordebugport' },
  { id: 0x250000f5, name: 'hypervisorbaudrate' },
  { id: 0x250000f6, name: 'hypervisorchannel' },
  { id: 0x250000f7, name: 'bootux', choices: ['Disabled', 'Basic', 'Standard'] },
  { id: 0x260000f8, name: 'hypervisordisableslat' },
  { id: 0x220000f9, name: 'hypervisorbusparams' },
  { id: 0x250000fa, name: 'hypervisornumproc' },
  { id: 0x250000fb, name: 'hypervisorrootprocpernode' },
  { id: 0x260000fc, name: 'hypervisoruselargevtlb' },
  { id: 0x250000fd, name: 'hypervisorhostip' },
  { id: 0x250000fe, name: 'hypervisorhostport' },
  { id: 0x25000100, name: 'tpmbootentropy', choices: ['Default', 'ForceDisable', 'ForceEnable'] },
  { id: 0x22000110, name: 'hypervisorusekey' },
  { id: 0x25000113, name: 'hypervisorrootproc' },
  { id: 0x26000114, name: 'hypervisordhcp' },
  { id: 0x25000115, name: 'hypervisoriommupolicy', choices: defaultDisableEnable },
  { id: 0x26000116, name: 'hypervisorusevapic' },
  { id: 0x25000120, name: 'xsavepolicy' },
  { id: 0x2500012b, name: 'xsavedisable' },
];

const resume: readonly ElementName[] = [
  { id: 0x21000001, name: 'filedevice' },
  { id: 0x22000002, name: 'filepath' },
  { id: 0x26000003, name: 'customsettings' },
  { id: 0x26000004, name: 'pae' },
  { id: 0x21000005, name: 'associatedosdevice' },
  { id: 0x26000006, name: 'debugoptionenabled' },
  { id: 0x25000007, name: 'bootux', choices: ['Disabled', 'Basic', 'Standard'] },
  { id: 0x25000008, name: 'bootmenupolicy', choices: menuPolicies },
];

const memoryTester: readonly ElementName[] = [
  { id: 0x25000001, name: 'passcount' },
  { id: 0x25000002, name: 'testmix' },
  { id: 0x26000003, name: 'cacheenable' },
  { id: 0x26000004, name: 'failuresenabled' },
];

const deviceOptions: readonly ElementName[] = [
  { id: 0x35000001, name: 'ramdiskimageoffset' },
  { id: 0x35000002, name: 'ramdisktftpclientport' },
  { id: 0x31000003, name: 'ramdisksdidevice' },
  { id: 0x32000004, name: 'ramdisksdipath' },
  { id: 0x35000005, name: 'ramdiskimagelength' },
  { id: 0x36000006, name: 'exportascd' },
  { id: 0x35000007, name: 'ramdisktftpblocksize' },
  { id: 0x35000008, name: 'ramdisktftpwindowsize' },
  { id: 0x36000009, name: 'ramdiskmcenabled' },
  { id: 0x3600000a, name: 'ramdiskmctftpfallback' },
  { id: 0x3600000b, name: 'ramdisktftpvarwindow' },
];

/** The elements that an application has beside the library's, by the last five digits of its type. */
const byApplication: ReadonlyMap<number, readonly ElementName[]> = new Map([
  [objectType.fwbootmgr & 0xf_ffff, bootManager],
  [objectType.bootmgr & 0xf_ffff, bootManager],
  [objectType.osloader & 0xf_ffff, osLoader],
  [objectType.resume & 0xf_ffff, resume],
  [objectType.memtest & 0xf_ffff, memoryTester],
]);

/** The elements that an object of a type may have, as far as they have names. */
export function elementNames(type: number): readonly ElementName[] {
  const own =
    type === objectType.deviceOptions ? deviceOptions : byApplication.get(type & 0xf_ffff);
  return [...library, ...(own ?? [])];
}
