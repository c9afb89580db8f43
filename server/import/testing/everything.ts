/** Task sequences with something of everything, in both formats: written for tests, of nobody's site. */

const variable = ([name, property, value]: readonly [string, string, string]): string =>
  `<variable name="${name}" property="${property}">${escaped(value)}</variable>`;
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
const expression = (type: string, fields: Readonly<Record<string, string>>): string =>
  `<expression type="SMS_TaskSequence_${type}ConditionExpression">${Object.entries(fields)
    .map(([name, value]) => `<variable name="${name}">${escaped(value)}</variable>`)
    .join('')}</expression>`;
const equals = (name: string, value: string): string =>
  expression('Variable', { Operator: 'equals', Value: value, Variable: name });

interface Step {
  readonly name: string;
  readonly action?: string;
  readonly attributes?: string;
  readonly condition?: string;
  readonly variables?: readonly (readonly [string, string, string])[];
}
const step = (
  type: string | undefined,
  { name, action = '', attributes = '', condition = '', variables = [] }: Step,
): string =>
  `<step${type === undefined ? '' : ` type="${type}"`} name="${escaped(name)}" description="" ${attributes}>${condition === '' ? '' : `<condition>${condition}</condition>`}<action>${escaped(action)}</action><defaultVarList>${variables.map(variable).join('')}</defaultVarList></step>`;
const configMgr = (name: string, more: Step): string =>
  step(`SMS_TaskSequence_${name}Action`, more);

const script = Buffer.from(
  "\ufeff$ts = New-Object -ComObject Microsoft.SMS.TSEnvironment\n$ts.Value('A') = '1'\n",
  'utf16le',
).toString('base64');
const partition = (
  index: number,
  fields: Readonly<Record<string, string>>,
): readonly (readonly [string, string, string])[] =>
  Object.entries(fields).map(([name, value]) => [
    `OSDPartitions${index}${name}`,
    `Partitions${index}${name}`,
    value,
  ]);
const layout = [
  ['OSDDiskIndex', 'DiskIndex', '0'],
  ['OSDPartitionStyle', 'PartitionStyle', 'GPT'],
  ['OSDPartitions', 'Partitions', '3'],
  ...partition(0, { Type: 'EFI', FileSystem: 'FAT32', Size: '500', SizeUnits: 'MB' }),
  ...partition(1, { Type: 'MSR', Size: '128', SizeUnits: 'MB' }),
  ...partition(2, {
    Type: 'Primary',
    FileSystem: 'NTFS',
    Size: '100',
    SizeUnits: '%',
    VolumeName: 'Windows',
    VolumeLetterVariable: 'OSDisk',
  }),
] as const;

/** A sequence as the wizard of Configuration Manager makes it, with some of what people add. */
export const configMgrEverything = `<sequence version="3.10">
<referenceList><reference package="LAB00003"/></referenceList>
<globalVarList><variable name="OSDAdapterCount" property="AdapterCount">0</variable></globalVarList>
<!-- written by hand -->
<group name="Install" description="Everything" continueOnError="true"><condition><operator type="and">${equals('_SMSTSInWinPE', 'true')}<operator type="not">${expression('WMI', { Namespace: 'root\\cimv2', Query: "SELECT * FROM Win32_ComputerSystem WHERE Model LIKE '%Virtual%'" })}</operator></operator></condition>
${configMgr('PartitionDisk', { name: 'Partition', action: 'osddiskpart.exe', attributes: 'runIn="WinPE"', variables: layout })}
${configMgr('ApplyOperatingSystem', {
  name: 'Apply',
  action: 'OSDApplyOS.exe /image:LAB00001,%OSDImageIndex%',
  attributes: 'runIn="WinPE"',
  variables: [
    ['ImagePackageID', 'ImagePackageID', 'LAB00001'],
    ['OSDImageIndex', 'ImageIndex', '1'],
    ['DestinationVariable', 'DestinationVariable', 'OSDisk'],
  ],
})}
${configMgr('ApplyWindowsSettings', {
  name: 'Settings',
  action: 'osdwinsettings.exe /config',
  variables: [
    ['OSDComputerName', 'ComputerName', '%_SMSTSMachineName%'],
    ['OSDLocalAdminPassword', 'AdminPassword', ''],
    ['OSDRegisteredUserName', 'RegisteredUserName', 'Lab'],
    ['OSDTimeZone', 'TimeZone', 'W. Europe Standard Time'],
  ],
})}
${configMgr('SetupWindowsAndSMS', { name: 'Setup', action: 'OSDSetupWindows.exe', variables: [['_SMSClientPackageID', 'ClientPackageID', 'LAB00002']] })}
</group>
<group name="Set up">
${configMgr('RunPowerShellScript', { name: 'Script', action: 'OSDRunPowerShellScript.exe', variables: [['OSDRunPowerShellScriptSourceScript', 'SourceScript', script]] })}
${configMgr('RunCommandLine', {
  name: 'Copy',
  action: 'smsswd.exe /run:LAB00003 cmd /c copy a.txt \\\\files\\osd\\b.txt',
  attributes: 'disable="true" timeout="900" successCodeList="0 3010"',
  condition: `${expression('Folder', { Path: 'C:\\Lab' })}${equals('Site', 'Vienna')}`,
  variables: [
    ['CommandLine', 'CommandLine', 'cmd /c copy a.txt \\\\files\\osd\\b.txt'],
    ['PackageID', 'PackageID', 'LAB00003'],
  ],
})}
${configMgr('RunCommandLine', { name: 'Join', action: 'smsswd.exe /run: join.exe', variables: [['CommandLine', 'CommandLine', 'join.exe /password:Winter1']] })}
${step('LAB_Custom', { name: 'Custom', action: 'custom.exe /x', variables: [['Depth', 'Depth', '3']] })}
${configMgr('Reboot', { name: 'Restart', action: 'smsboot.exe /target:HD', variables: [['SMSRebootTarget', 'Target', 'HD']] })}
</group>
</sequence>`;

const accountOf = [
  ['RunAsUser', 'RunAsUser', 'false'],
  ['SMSTSRunCommandLineUserName', 'SMSTSRunCommandLineUserName', ''],
  ['SMSTSRunCommandLineUserPassword', 'SMSTSRunCommandLineUserPassword', ''],
  ['LoadProfile', 'LoadProfile', 'false'],
] as const;
const zti = (name: string, scriptName: string): string =>
  step(undefined, {
    name,
    action: `cscript.exe "%SCRIPTROOT%\\${scriptName}"`,
    attributes: 'disable="false" continueOnError="false" startIn="" successCodeList="0 3010"',
    variables: accountOf,
  });

/** A sequence as MDT makes it, with some of what people add. */
export const mdtEverything = `<?xml version="1.0"?>
<sequence version="3.00" name="Lab client" description="For the lab">
<globalVarList><variable name="OSGUID" property="OSGUID">{11111111-2222-3333-4444-555555555555}</variable><variable name="DestinationDisk" property="DestinationDisk">0</variable></globalVarList>
<group name="Initialization" disable="false" continueOnError="false" description="" expand="true">
${step('BDD_Gather', {
  name: 'Gather local only',
  action: 'cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"',
  variables: [
    ['GatherLocalOnly', 'GatherLocalOnly', 'true'],
    ['RulesFile', 'RulesFile', ''],
  ],
})}
<action/></group>
<group name="Preinstall" disable="false" continueOnError="false" description="" expand="true">
${step('BDD_Validate', {
  name: 'Validate',
  action: 'cscript.exe "%SCRIPTROOT%\\ZTIValidate.wsf"',
  variables: [
    ['ImageSize', 'ImageSize', '20000'],
    ['ImageMemory', 'ImageMemory', '2048'],
    ['VerifyOS', 'VerifyOS', 'CLIENT'],
  ],
})}
${step('SMS_TaskSequence_PartitionDiskAction', { name: 'Format', action: 'cscript.exe "%SCRIPTROOT%\\ZTIDiskpart.wsf"', condition: equals('IsUEFI', 'True'), variables: layout })}
${zti('Copy scripts', 'LTICopyScripts.wsf')}
${step('BDD_InjectDrivers', {
  name: 'Inject Drivers',
  action: 'cscript.exe "%SCRIPTROOT%\\ZTIDrivers.wsf"',
  variables: [
    ['DriverSelectionProfile', 'DriverSelectionProfile', 'All Drivers'],
    ['DriverInjectionMode', 'DriverInjectionMode', 'AUTO'],
  ],
})}
</group>
<group name="Install" disable="false" continueOnError="false" description="">
${step('BDD_InstallOS', {
  name: 'Install Operating System',
  action: 'cscript.exe "%SCRIPTROOT%\\LTIApply.wsf"',
  attributes: 'runIn="WinPE"',
  variables: [
    ['OSGUID', 'OSGUID', '{11111111-2222-3333-4444-555555555555}'],
    ['DestinationDisk', 'DestinationDisk', '0'],
    ['DestinationPartition', 'DestinationPartition', '2'],
    ['DestinationOSVariable', 'DestinationOSVariable', 'OSDisk'],
    ['DestinationOSInstallType', 'DestinationOSInstallType', 'ByVariable'],
  ],
})}
${zti('Next Phase', 'ZTINextPhase.wsf')}
${step('SMS_TaskSequence_RebootAction', {
  name: 'Restart computer',
  action: 'smsboot.exe /target:WinPE',
  variables: [
    ['Message', 'Message', ''],
    ['MessageTimeout', 'MessageTimeout', '60'],
    ['Target', 'Target', ''],
  ],
})}
</group>
<group name="State Restore" disable="false" continueOnError="false" description=""><condition>${equals('PHASE', 'STATERESTORE')}</condition>
${step('BDD_InstallApplication', {
  name: 'Install Applications',
  action: 'cscript.exe "%SCRIPTROOT%\\ZTIApplications.wsf"',
  variables: [
    ['ApplicationGUID', 'ApplicationGUID', ''],
    ['ApplicationSuccessCodes', 'ApplicationSuccessCodes', '0 3010'],
  ],
})}
${zti('Windows Update', 'ZTIWindowsUpdate.wsf')}
${zti('Ours', 'LabOwn.wsf')}
${zti('Tattoo', 'ZTITatoo.wsf')}
</group>
</sequence>`;
