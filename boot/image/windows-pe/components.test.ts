import { expect, it } from 'vitest';
import { componentsOf } from './components.ts';

const mum = (name: string, language = '') =>
  `/Windows/servicing/Packages/${name}-Package~31bf3856ad364e35~amd64~${language}~10.0.1.1.mum`;

it('M53 names optional components by their packages, languages left out, each once', () => {
  const paths = [
    mum('WinPE-NetFx'),
    mum('WinPE-NetFx', 'en-US'),
    mum('winpe-wmi'),
    mum('WinPE-WMI'),
    mum('Microsoft-Windows-WinPE-LanguagePack'),
    '/Windows/servicing/Packages/readme.txt',
  ];
  expect(componentsOf(paths)).toEqual(['WinPE-NetFx', 'WinPE-WMI']);
});

it('knows them by files where their packages were taken out', () => {
  const paths = [
    '/Windows/System32/WindowsPowerShell/v1.0/powershell.exe',
    '/Windows/System32/MANAGE-BDE.EXE',
    '/Windows/System32/wbem/notes.txt',
  ];
  expect(componentsOf(paths)).toEqual(['WinPE-PowerShell', 'WinPE-SecureStartup']);
  expect(componentsOf([])).toEqual([]);
});
