import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { describeScript } from './describe-script.ts';
import { hasSwitch, scriptIn, switchValue } from './script-name.ts';

describe('M24 a script in a command line', () => {
  it.each([
    ['cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"', 'ZTIGather.wsf', ''],
    ['cscript.exe "%SCRIPTROOT%\\ZTIPowerShell.wsf', 'ZTIPowerShell.wsf', ''],
    ['cscript.exe //nologo .\\Scripts\\MDT\\ZTIGather.wsf', 'ZTIGather.wsf', ''],
    [
      'smsswd.exe /run:ABC00012 cscript.exe "x y\\LTIApply.WSF" /PE /STAGE',
      'LTIApply.WSF',
      '/PE /STAGE',
    ],
    [
      '%TOOLROOT%\\bddrun.exe /runas cscript.exe "%SCRIPTROOT%\\ZTIAuthorizeDHCP.wsf"',
      'ZTIAuthorizeDHCP.wsf',
      '',
    ],
    ['powershell.exe -file "%SCRIPTROOT%\\PSDApplyOS.ps1" -Debug', 'PSDApplyOS.ps1', '-Debug'],
    ['powershell.exe -Command "& .\\Set-Thing.ps1 -A 1"', 'Set-Thing.ps1', '-A 1"'],
    ['cmd.exe /c "%DEPLOYROOT%\\a b\\Run.cmd"', 'Run.cmd', ''],
  ])('%s is %s', (line, file, rest) => {
    expect(scriptIn(line)).toMatchObject({ file, arguments: rest });
  });

  it.each(['setup.exe /quiet', 'cmd /c copy x.wsfold y', ''])('is not in %s', (line) => {
    expect(scriptIn(line)).toBe(undefined);
  });

  it('has switches with and without values', () => {
    const script = { arguments: '/CEIP:YES /capture /uncpath:"\\\\s\\a b" /name:""X""' };
    expect(switchValue(script, 'ceip')).toBe('YES');
    expect(hasSwitch(script, 'CAPTURE')).toBe(true);
    expect(hasSwitch(script, 'cap')).toBe(false);
    expect(switchValue(script, 'uncpath')).toBe('\\\\s\\a b');
    expect(switchValue(script, 'name')).toBe('X');
    expect(switchValue(script, 'restore')).toBe(undefined);
  });

  it('is described by its name', () => {
    expect(describeScript('cscript.exe "%SCRIPTROOT%\\ZTINextPhase.wsf"')).toBe(
      'Goes on to the next phase of the deployment.',
    );
    expect(describeScript('powershell.exe -File Set-HPBiosPassword.ps1')).toBe(
      'Runs the script Set-HPBiosPassword.ps1: set HP bios password.',
    );
    expect(describeScript('cscript ZTI_RemoteDesktop.wsf')).toBe(
      'Runs the script ZTI_RemoteDesktop.wsf: remote desktop.',
    );
    expect(describeScript('setup.exe')).toBe(undefined);
  });

  it('of any text is found in bounded time', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 500 }), (line) => {
        scriptIn(line);
        describeScript(line);
      }),
    );
    const started = performance.now();
    for (const piece of ['"', '".ps1', '\\', '.ps1x', 'a"', '" '])
      describeScript(piece.repeat(200_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
