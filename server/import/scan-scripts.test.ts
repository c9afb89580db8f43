import { describe, expect, it } from 'vitest';
import { scanScript } from './scan-scripts.ts';

const found = (text: string): string[] =>
  scanScript(text).map(({ kind, what }) => `${kind}: ${what}`);

describe('M24 what scripts need of the system that they were written for', () => {
  it.each([
    [
      "$ts = New-Object -COMObject microsoft.sms.tsenvironment; $ts.Value('A')",
      'ts-environment: microsoft.sms.tsenvironment',
    ],
    [
      'Set p = CreateObject("Microsoft.SMS.TSProgressUI")',
      'ts-progress-ui: Microsoft.SMS.TSProgressUI',
    ],
    ['cscript.exe "%ScriptRoot%\\My.wsf"', 'deployment-share: %SCRIPTROOT%'],
    ['cmd /c copy \\\\files01\\osd$\\x.txt C:\\', 'server-share: \\\\files01\\osd$'],
    ['Invoke-CimMethod -Namespace root\\ccm -ClassName SMS_Client', 'client: root\\ccm'],
    ['Get-WmiObject -Namespace "root/ccm/clientsdk"', 'client: root/ccm/clientsdk'],
    ['setup.exe /pass:Winter1', 'plain-secret: a password'],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    'powershell.exe -File .\\Install.ps1',
    'cmd /c echo \\\\.\\pipe\\x',
    "$path = 'C:\\\\Windows\\\\Temp'",
    'reg add HKLM\\Software\\Lab /v A /d 1',
    'format.com %OSDisk%',
  ])('is nothing in %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('is told once each, and five of a kind at most', () => {
    const text = Array.from({ length: 20 }, (_, index) => `\\\\s${index % 9}\\x`).join(' ');
    expect(found(`${text} ${text}`)).toHaveLength(5);
  });
});
