import { describe, expect, it } from 'vitest';
import { applyNetworkSettings } from '#agent/steps/apply-network-settings.ts';
import { applyWindowsSettings } from '#agent/steps/apply-windows-settings.ts';
import { defaultUnattend } from './default-unattend.ts';
import { formatUnattend } from './format-unattend.ts';
import { mergeUnattend, plainUnattend, type StepValues } from './merge-unattend.ts';
import { parseUnattend } from './parse-unattend.ts';
import { fileText, settingsText } from './testing/inputs.ts';

const windows = (settings: object) => ({
  settings: applyWindowsSettings.params.parse(settings),
});
const network = (settings: object) => applyNetworkSettings.params.parse(settings);

/** What each component is without its attributes, for goldens that a person can read. */
function short(text: string): string {
  return text.replaceAll(
    / publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS" xmlns:wcm="http:\/\/schemas.microsoft.com\/WMIConfig\/2002\/State"/g,
    '',
  );
}

/** The text of a merge, and the notes. */
function merged(supplied: string | undefined, values: Omit<StepValues, 'architecture'>) {
  const { unattend, notes } = mergeUnattend(
    defaultUnattend('amd64'),
    supplied === undefined ? undefined : parseUnattend(supplied),
    { architecture: 'amd64', ...values },
  );
  return { text: formatUnattend(unattend), notes };
}

/** The text of one element, its children without blanks between. */
function contentOf(text: string, pass: string, component: string, element: string) {
  const [, settings = ''] = new RegExp(`pass="${pass}"([\\s\\S]*?)</settings>`).exec(text) ?? [];
  const [, own = ''] =
    new RegExp(`name="${component}"([\\s\\S]*?)</component>`).exec(settings) ?? [];
  const [, content] =
    new RegExp(`<${element}(?: [^>]*)?>([\\s\\S]*?)</${element}>`).exec(own) ?? [];
  return content?.replaceAll(/\n */g, '');
}

describe('M53 mergeUnattend', () => {
  it('makes the whole file of an image with no answer file of its own', () => {
    const unattend = plainUnattend({
      architecture: 'amd64',
      windows: {
        ...windows({ registeredUser: 'A & B', timeZone: 'GMT Standard Time', uiLanguage: 'en-GB' }),
        computerName: ' PC-1 ',
      },
      network: network({ join: 'workgroup', workgroup: 'LAB' }),
    });
    expect(short(formatUnattend(unattend))).toBe(`<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="specialize">
    <component name="Microsoft-Windows-Deployment" processorArchitecture="amd64">
      <RunSynchronous>
        <RunSynchronousCommand wcm:action="add">
          <Order>1</Order>
          <Description>Metalwright: no account page at the first start</Description>
          <Path>reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Setup\\OOBE /v UnattendCreatedUser /t REG_DWORD /d 1 /f</Path>
        </RunSynchronousCommand>
      </RunSynchronous>
    </component>
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64">
      <ComputerName>PC-1</ComputerName>
      <RegisteredOwner>A &amp; B</RegisteredOwner>
      <TimeZone>GMT Standard Time</TimeZone>
    </component>
    <component name="Microsoft-Windows-International-Core" processorArchitecture="amd64">
      <UILanguage>en-GB</UILanguage>
    </component>
    <component name="Microsoft-Windows-UnattendedJoin" processorArchitecture="amd64">
      <Identification>
        <JoinWorkgroup>LAB</JoinWorkgroup>
      </Identification>
    </component>
  </settings>
  <settings pass="oobeSystem">
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64">
      <OOBE>
        <HideEULAPage>true</HideEULAPage>
        <HideLocalAccountScreen>true</HideLocalAccountScreen>
        <HideOEMRegistrationScreen>true</HideOEMRegistrationScreen>
        <HideOnlineAccountScreens>true</HideOnlineAccountScreens>
        <HideWirelessSetupInOOBE>true</HideWirelessSetupInOOBE>
        <ProtectYourPC>1</ProtectYourPC>
      </OOBE>
      <RegisteredOwner>A &amp; B</RegisteredOwner>
      <TimeZone>GMT Standard Time</TimeZone>
    </component>
    <component name="Microsoft-Windows-International-Core" processorArchitecture="amd64">
      <UILanguage>en-GB</UILanguage>
    </component>
  </settings>
</unattend>
`);
  });

  it('lays the steps over the supplied file, and that over the default', () => {
    const supplied = fileText(
      settingsText(
        'oobeSystem',
        'Microsoft-Windows-Shell-Setup',
        '<OOBE><ProtectYourPC>3</ProtectYourPC><NetworkLocation>Work</NetworkLocation></OOBE><TimeZone>UTC</TimeZone><RegisteredOwner>Own</RegisteredOwner>',
      ),
      settingsText(
        'oobeSystem',
        'Microsoft-Windows-International-Core',
        '<UILanguage>de-DE</UILanguage><InputLocale>de-DE</InputLocale>',
      ),
    );
    const { text, notes } = merged(supplied, {
      windows: windows({ timeZone: 'Romance Standard Time', uiLanguage: 'fr-FR' }),
    });
    const shell = (element: string) =>
      contentOf(text, 'oobeSystem', 'Microsoft-Windows-Shell-Setup', element);
    expect(shell('OOBE')).toMatch(
      /^<HideEULAPage>true<.*<ProtectYourPC>3<\/ProtectYourPC><NetworkLocation>Work<\/NetworkLocation>$/,
    );
    expect([shell('TimeZone'), shell('RegisteredOwner')]).toEqual(['Romance Standard Time', 'Own']);
    const core = 'Microsoft-Windows-International-Core';
    expect(contentOf(text, 'oobeSystem', core, 'UILanguage')).toBe('fr-FR');
    expect(contentOf(text, 'oobeSystem', core, 'InputLocale')).toBe('de-DE');
    expect(notes).toEqual([
      { kind: 'overwritten', place: 'oobeSystem/Microsoft-Windows-Shell-Setup/TimeZone' },
      { kind: 'overwritten', place: `oobeSystem/${core}/UILanguage` },
    ]);
  });

  it('M43 keeps and tells settings for another architecture, which do not count', () => {
    const shell = 'Microsoft-Windows-Shell-Setup';
    const supplied = fileText(
      settingsText('specialize', shell, '<TimeZone>UTC</TimeZone>', 'x86'),
      settingsText('specialize', 'Own', '<A>1</A>', 'AMD64'),
      settingsText('specialize', 'Own', '<A>2</A>', 'AMD64'),
    );
    const { text, notes } = merged(supplied, {
      windows: windows({ timeZone: 'Tokyo Standard Time' }),
    });
    expect(text.match(/processorArchitecture="x86"/g)).toHaveLength(1);
    expect(text).toContain('<TimeZone>UTC</TimeZone>');
    expect(text.match(/<TimeZone>Tokyo Standard Time</g)).toHaveLength(2);
    expect(notes).toEqual([
      { kind: 'architecture', place: `specialize/${shell}`, architecture: 'x86' },
      { kind: 'duplicate', place: 'specialize/Own' },
    ]);
  });

  it('leaves no part of another membership, and no other password of the administrator', () => {
    const supplied = fileText(
      settingsText(
        'specialize',
        'Microsoft-Windows-UnattendedJoin',
        '<Identification><Credentials><Password>old</Password></Credentials><JoinDomain>old</JoinDomain></Identification>',
      ),
      settingsText(
        'oobeSystem',
        'Microsoft-Windows-Shell-Setup',
        '<UserAccounts><AdministratorPassword><Value>old</Value><PlainText>true</PlainText></AdministratorPassword><LocalAccounts /></UserAccounts>',
      ),
    );
    const { text } = merged(supplied, {
      windows: windows({ randomAdminPassword: false, adminPassword: 'Geheim1' }),
      network: network({ join: 'workgroup', workgroup: 'LAB' }),
    });
    expect(text).not.toContain('old');
    expect(contentOf(text, 'oobeSystem', 'Microsoft-Windows-Shell-Setup', 'UserAccounts')).toBe(
      '<AdministratorPassword><Value>RwBlAGgAZQBpAG0AMQBBAGQAbQBpAG4AaQBzAHQAcgBhAHQAbwByAFAAYQBzAHMAdwBvAHIAZAA=</Value><PlainText>false</PlainText></AdministratorPassword><LocalAccounts />',
    );
  });

  it('puts its commands and drivers beside those of the supplied file', () => {
    const supplied = fileText(
      settingsText(
        'specialize',
        'Microsoft-Windows-Deployment',
        '<RunSynchronous><RunSynchronousCommand wcm:action="add"><Order>1</Order><Path>own.exe</Path></RunSynchronousCommand></RunSynchronous>',
      ),
      settingsText(
        'offlineServicing',
        'Microsoft-Windows-PnpCustomizationsNonWinPE',
        '<DriverPaths><PathAndCredentials wcm:keyValue="1" wcm:action="add"><Path>\\Drivers</Path></PathAndCredentials></DriverPaths>',
      ),
    );
    const { text } = merged(supplied, {
      drivers: [
        { path: 'C:\\Drivers\\', by: 'pnputil' },
        { path: '\\More', by: 'driver-paths' },
      ],
    });
    const commands = [...text.matchAll(/<Order>(\d)<[\s\S]*?<Path>(.{7})/g)];
    expect(commands.map(([, order, path]) => [order, path])).toEqual([
      ['2', 'reg add'],
      ['1', 'own.exe'],
      ['3', 'pnputil'],
    ]);
    expect(text).toContain('/add-driver "C:\\Drivers\\*.inf" /subdirs /install');
    const folders = [...text.matchAll(/keyValue="(\d)"[^>]*>\s*<Path>(.*?)</g)];
    expect(folders.map(([, key, path]) => [key, path])).toEqual([
      ['1', '\\Drivers'],
      ['2', '\\More'],
    ]);
  });

  it('tells what answer files cannot say', () => {
    const { notes } = merged(undefined, {
      windows: windows({ timeZone: 'Mitteleuropäische Zeit', licenseMode: 'PerSeat' }),
      network: network({ tcpIpFiltering: true, adapters: [{ name: 'LAN' }] }),
      macAddresses: ['001122334455'],
      layeredDriver: 6,
    });
    expect(notes).toEqual([
      { kind: 'time-zone', timeZone: 'Mitteleuropäische Zeit' },
      { kind: 'no-element', setting: 'licenseMode' },
      { kind: 'no-element', setting: 'tcpIpFiltering' },
      { kind: 'no-element', setting: 'adapters[0].name' },
    ]);
  });

  it('refuses a folder of drivers that would end its quotation marks', () => {
    for (const path of ['C:\\a" & b', '%TEMP%\\a', 'a', '', 'C:\\'.repeat(2)])
      expect(() => merged(undefined, { drivers: [{ path, by: 'pnputil' }] })).toThrow(
        expect.objectContaining({ code: 'unattend.driver-folder' }),
      );
  });
});
