import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes a deployment share into a folder of its own; paths of Windows. Returns where it is. */
export async function writeShare(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-share-'));
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, ...path.split('\\'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}

export const guid = (digit: number): string =>
  `{${`${digit}`.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}}`;

const step = (
  attributes: string,
  action: string,
  variables: Readonly<Record<string, string>> = {},
) =>
  `<step ${attributes} description="" disable="false" continueOnError="false" successCodeList="0 3010">
    <defaultVarList>${Object.entries(variables)
      .map(([name, value]) => `<variable name="${name}" property="${name}">${value}</variable>`)
      .join('')}</defaultVarList><action>${action}</action></step>`;

/** A small share with one of each. */
export const share: Readonly<Record<string, string>> = {
  'Control\\Settings.xml':
    '<Settings><Description>Lab</Description><UNCPath>\\\\mdt\\lab$</UNCPath></Settings>',
  'Control\\OperatingSystems.xml': `<oss><os guid="${guid(1)}" enable="True"><Name>Lab 10 x64</Name>
    <ImageFile>.\\Operating Systems\\Lab10\\Sources\\install.wim</ImageFile><ImageIndex>3</ImageIndex>
    <ImageName>Lab 10</ImageName><Build>10.0.1</Build><Platform>x64</Platform><Language>en-US</Language>
    <Source>.\\Operating Systems\\Lab10</Source></os>
    <os guid="${guid(2)}"><Name>Gone</Name><ImageFile>..\\outside.wim</ImageFile><ImageIndex>1</ImageIndex></os></oss>`,
  'Operating Systems\\Lab10\\sources\\INSTALL.WIM': 'MSWIM and more',
  'Control\\Applications.xml': `<applications>
    <application guid="${guid(3)}" enable="True"><Name>Reader</Name><Version>1.2</Version><Publisher>Contoso</Publisher>
      <CommandLine>setup.exe /quiet</CommandLine><WorkingDirectory>.\\Applications\\Reader</WorkingDirectory>
      <Source>.\\Applications\\Reader</Source><UninstallKey>Reader 1</UninstallKey><Reboot>True</Reboot>
      <Dependency>${guid(4)}</Dependency><Dependency>${guid(9)}</Dependency></application>
    <application guid="${guid(4)}" enable="False"><Name>Runtime</Name><Source>.\\Applications\\Runtime</Source></application>
    <application guid="${guid(5)}"><Name>Bundle</Name></application></applications>`,
  'Applications\\Reader\\setup.exe': 'MZ',
  'Applications\\Reader\\Install-Reader.ps1':
    '$ts = New-Object -ComObject Microsoft.SMS.TSEnvironment',
  'Control\\Drivers.xml': `<drivers><driver guid="${guid(6)}"><Name>Net</Name>
    <Source>.\\Out-of-box Drivers\\Net\\net.inf</Source></driver>
    <driver guid="${guid(7)}"><Name>Disk</Name><Source>.\\Out-of-box Drivers\\Disk\\disk.inf</Source></driver></drivers>`,
  'Control\\DriverGroups.xml': `<groups><group guid="${guid(8)}"><Name>Lab\\Book 7</Name>
    <Member>${guid(6)}</Member><Member>${guid(7)}</Member></group>
    <group guid="{ffffffff-ffff-ffff-ffff-ffffffffffff}"><Name>hidden</Name></group></groups>`,
  'Out-of-Box Drivers\\Net\\net.inf': '[Version]',
  'Control\\SelectionProfiles.xml': `<selectionProfiles><selectionProfile guid="${guid(9)}"><Name>Lab drivers</Name>
    <Definition>&lt;SelectionProfile&gt;&lt;Include path="Out-of-Box Drivers\\Lab" /&gt;&lt;Exclude path="Out-of-Box Drivers\\Lab\\Old" /&gt;&lt;/SelectionProfile&gt;</Definition>
    </selectionProfile></selectionProfiles>`,
  'Control\\TaskSequences.xml': `<tss><ts guid="{aaaaaaaa-0000-4000-8000-000000000000}" enable="True"><Name>Lab 10, new</Name>
    <ID>LAB10</ID><Version>1.0</Version><TaskSequenceTemplate>Client.xml</TaskSequenceTemplate></ts>
    <ts guid="{bbbbbbbb-0000-4000-8000-000000000000}"><Name>Lost</Name><ID>LOST</ID></ts></tss>`,
  'Control\\LAB10\\Unattend.xml': '<unattend/>',
  'Control\\LAB10\\ts.xml': `<?xml version="1.0"?><sequence version="3.00" name="Standard" description="">
    ${step('type="BDD_Gather" name="Gather"', 'cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"', { GatherLocalOnly: 'false', RulesFile: 'CustomSettings.ini' })}
    ${step('type="BDD_InstallOS" name="Install"', 'cscript.exe "%SCRIPTROOT%\\LTIApply.wsf"', { OSGUID: guid(1), DestinationOSInstallType: 'NextPartition' })}
    ${step('type="BDD_InstallApplication" name="Reader"', 'cscript.exe "%SCRIPTROOT%\\ZTIApplications.wsf"', { ApplicationGUID: guid(3) })}
    ${step('name="Next Phase"', 'cscript.exe "%SCRIPTROOT%\\ZTINextPhase.wsf"')}
    </sequence>`,
  'Control\\CustomSettings.ini': `[Settings]\r\nPriority=Default\r\n[Default]\r\nOrgName=Lab\r\nApplications001=${guid(3)}\r\nAdminPassword=hidden1\r\n`,
  'Control\\Bootstrap.ini':
    '[Settings]\r\nPriority=Default\r\n[Default]\r\nDeployRoot=\\\\mdt\\lab$\r\n',
  'Scripts\\ZTIGather.wsf': 'Microsoft.SMS.TSEnvironment',
  'Scripts\\Custom\\Set-LabName.ps1': 'Get-Content \\\\server\\share\\names.txt',
};
