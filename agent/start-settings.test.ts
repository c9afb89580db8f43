import { describe, expect, it } from 'vitest';
import { readStartSettings } from './start-settings.ts';

const file = JSON.stringify({
  server: '10.0.0.1:7443',
  servers: ['10.0.0.2:7443'],
  bootBase: 'http://10.0.0.1:7480',
  environment: 'winpe',
  drivers: ['Drivers\\1-rst', 'Drivers\\2-vmd'],
  inBootImage: { name: 'Windows PE', architecture: 'x64' },
  later: 'unknown names are ignored',
});
const read = async (
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
  argv: readonly string[] = [],
) =>
  readStartSettings({
    argv,
    environment: { SystemDrive: 'X:', SystemRoot: 'X:\\Windows', ...environment },
    system: 'win32',
    programFolder: 'X:\\Metalwright',
    readText: async (path) => files[path],
  });

describe('M53 what a start of the agent is told', () => {
  it('in Windows PE is beside its program', async () => {
    expect(await read({ 'X:\\Metalwright\\agent.json': `\ufeff${file}` })).toEqual({
      server: '10.0.0.1:7443',
      servers: ['10.0.0.2:7443'],
      siteCaFile: 'X:\\Metalwright\\site-ca.pem',
      environment: 'winpe',
      bootBase: 'http://10.0.0.1:7480',
      bootMac: undefined,
      bootImage: { name: 'Windows PE', architecture: 'x64' },
      stateFolder: 'X:\\Metalwright\\State',
      logFile: 'X:\\Windows\\Temp\\SMSTSLog\\smsts.log',
      labMachine: undefined,
      drivers: ['X:\\Metalwright\\Drivers\\1-rst', 'X:\\Metalwright\\Drivers\\2-vmd'],
    });
  });

  it('variables outrank the file, an empty one does not; the installed Windows has its own folder', async () => {
    const settings = await read(
      { 'X:\\Metalwright\\agent.json': file },
      {
        METALWRIGHT_SERVER: '10.0.0.9:1',
        METALWRIGHT_ENVIRONMENT: 'full-os',
        METALWRIGHT_BOOT_BASE: '',
      },
    );
    expect(settings).toMatchObject({
      server: '10.0.0.9:1',
      bootImage: undefined,
      bootBase: 'http://10.0.0.1:7480',
      stateFolder: 'X:\\Windows\\Metalwright\\State',
      logFile: 'X:\\Windows\\Metalwright\\Logs\\smsts.log',
    });
    const linux = await readStartSettings({
      argv: [],
      environment: {
        METALWRIGHT_SERVER: '10.0.0.9:1',
        METALWRIGHT_SITE_CA: '/ca.pem',
        METALWRIGHT_ENVIRONMENT: 'linux-pe',
      },
      system: 'linux',
      programFolder: '/usr/bin',
      readText: async () => undefined,
    });
    expect(linux).toMatchObject({
      stateFolder: '/run/metalwright',
      logFile: '/run/metalwright/metalwright.log',
    });
  });

  it('is in the file that is named, with the CA beside that', async () => {
    const settings = await read({ 'D:\\t\\a.json': file }, {}, ['--settings', 'D:\\t\\a.json']);
    expect(settings).toMatchObject({ siteCaFile: 'D:\\t\\site-ca.pem' });
    expect(settings.drivers[0]).toBe('D:\\t\\Drivers\\1-rst');
  });

  it.each([
    ['nothing', {}, [], /METALWRIGHT_SERVER/],
    [
      'a file that is named and missing',
      {},
      ['--settings', 'D:\\x.json'],
      /D:\\x\.json: .*missing/,
    ],
    ['a file that is no JSON', { 'X:\\Metalwright\\agent.json': '{' }, [], /agent\.json: /],
    [
      'a file of another kind',
      { 'X:\\Metalwright\\agent.json': '{"server":"x","environment":"winpe"}' },
      [],
      /agent\.json: server/,
    ],
  ])('refuses %s with a code', async (_what, files, argv, message) => {
    await expect(read(files, {}, argv)).rejects.toMatchObject({
      code: 'agent.settings',
      message: expect.stringMatching(message),
    });
  });

  it('M45 in a system that stand-alone media installed is the run it goes on with, and no server', async () => {
    const settings = await readStartSettings({
      argv: [],
      environment: {
        METALWRIGHT_SITE_CA: '/etc/metalwright/site-ca.pem',
        METALWRIGHT_ENVIRONMENT: 'full-os',
        METALWRIGHT_STAND_ALONE: '/etc/metalwright/stand-alone.json',
      },
      system: 'linux',
      programFolder: '/opt/metalwright',
      readText: async () => undefined,
    });
    const standAloneRun = '/etc/metalwright/stand-alone.json';
    expect(settings).toMatchObject({ server: '', media: undefined, standAloneRun });
  });

  it('M41 on media is where they are; the server they say themselves', async () => {
    const settings = await readStartSettings({
      argv: [],
      environment: {
        METALWRIGHT_SITE_CA: '/etc/metalwright/site-ca.pem',
        METALWRIGHT_ENVIRONMENT: 'linux-pe',
        METALWRIGHT_MEDIA: '/run/metalwright/media',
        METALWRIGHT_MEDIA_DEVICE: '/dev/sr0',
        METALWRIGHT_MEDIA_DATA: '',
      },
      system: 'linux',
      programFolder: '/run/metalwright',
      readText: async () => undefined,
    });
    expect(settings).toMatchObject({
      server: '',
      media: { folder: '/run/metalwright/media', device: '/dev/sr0', dataDevice: undefined },
    });
  });
});
