import { describe, expect, it } from 'vitest';
import type { Disk } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { ToolCommand, ToolRun } from '../run-tool.ts';
import { toolExit } from '../tools/exit-codes.ts';
import { isEncrypted, windowsBitLocker } from './bitlocker.ts';

const { signal } = new AbortController();
const volume = 'gpt:1';
const id = (digit: number) => `{${String(digit).repeat(8)}-0000-4000-8000-00000000ABCD}`;

/** A volume as manage-bde shows it, in German. */
interface Drive {
  percent: number;
  method: string;
  on: boolean;
  protectors: Record<string, string[]>;
}
type Answer = Partial<Pick<ToolRun, 'code' | 'stdout'>>;

function machine(
  start: Partial<Drive> = {},
  act: (args: string, drive: Drive, command: ToolCommand) => Answer | undefined = () => undefined,
) {
  const drive: Drive = { percent: 0, method: 'Keine', on: false, protectors: {}, ...start };
  const commands: ToolCommand[] = [];
  const waits: number[] = [];
  const answer = (command: ToolCommand): Answer => {
    const args = command.argv.slice(1).join(' ');
    const own = act(args, drive, command);
    if (own) return own;
    if (args === '-status C: -protectionaserrorlevel') return { code: drive.on ? 0 : 1 };
    if (args === '-status C:') return { stdout: statusText(drive) };
    const type = /^-protectors -get C: -Type (\w+)$/.exec(args)?.[1];
    const ids = drive.protectors[type ?? ''] ?? [];
    return ids.length === 0
      ? { code: type === undefined ? 0 : 0x80310033 }
      : { stdout: ids.map((each) => `    TPM:\r\n      ID: ${each}\r\n`).join('\r\n') };
  };
  const runTool = async (command: ToolCommand): Promise<ToolRun> => {
    commands.push(command);
    const { code = 0, stdout = '' } = answer(command);
    const exit = toolExit('manage-bde', code);
    if (exit.outcome === 'failed' && command.allowed !== 'any')
      throw new StepError('tool.failed', exit.meaning, { exitCode: code });
    return { code, exit, stdout, output: stdout };
  };
  const capability = windowsBitLocker({
    runTool,
    registry: {
      tree: async () => [{ key: 'HKEY_LOCAL_MACHINE\\X\\ACPI\\MSFT0101\\1', values: [] }],
    },
    query: { wmi: undefined, inventory: async () => ({}) },
    disk: {
      list: async () => [disk],
      mount: async () => ({ path: 'C:\\', async [Symbol.asyncDispose]() {} }),
    },
    systemRoot: 'C:\\Windows',
    wait: async (ms) => {
      waits.push(ms);
      drive.percent = Math.min(100, drive.percent + 30);
    },
  });
  const argv = () => commands.map((command) => command.argv.slice(1).join(' '));
  return { capability, commands, argv, drive, waits };
}

const disk: Disk = {
  number: 0,
  id: 'd',
  model: '',
  serial: '',
  sizeBytes: 1,
  sectorBytes: 512,
  readOnly: false,
  removable: false,
  signatures: [],
  partitions: [
    {
      number: 1,
      volume,
      type: 'primary',
      label: '',
      sizeBytes: 1,
      fileSystem: 'ntfs',
      letter: 'C',
    },
  ],
};

function statusText({ percent, method, on }: Drive): string {
  return `BitLocker-Laufwerkverschlüsselung: Version 10.0\r\n\r\nVolume "C:" [System]\r\n[Betriebssystemvolume]\r\n\r\n    Größe:                        99,00 GB\r\n    BitLocker-Version:            2.0\r\n    Konvertierungsstatus:         Etwas\r\n    Verschlüsselt (Prozent):      ${percent},0%\r\n    Verschlüsselungsmethode:      ${method}\r\n    Schutzstatus:                 ${on ? 'Ein' : 'Aus'}\r\n    Sperrungsstatus:              Entsperrt\r\n    ID-Feld:                      Unbekannt\r\n    Schlüsselschutzvorrichtungen: Keine\r\n`;
}

describe('BitLocker by manage-bde', () => {
  it.each([
    [{}, { state: 'decrypted', percent: 0, protectionOn: false }],
    [
      { percent: 40, method: 'XTS-AES 128' },
      { state: 'encrypting', percent: 40 },
    ],
    [
      { percent: 0, method: 'XTS-AES 128' },
      { state: 'encrypting', percent: 0 },
    ],
    [
      { percent: 100, method: 'AES 256', on: true },
      { state: 'encrypted', protectionOn: true },
    ],
  ])('reads its state in any language: %j', async (start, expected) => {
    expect(await machine(start).capability.status(volume, signal)).toMatchObject(expected);
  });

  it('M53 begins to encrypt, and reads back that it does', async () => {
    const { capability, argv } = machine({}, (args, drive) => {
      if (args.startsWith('-on')) Object.assign(drive, { percent: 3, method: 'XTS-AES 256' });
      return undefined;
    });
    await capability.start({ volume, method: 'XTS_AES256', usedSpaceOnly: true }, signal);
    expect(argv()[0]).toBe('-on C: -SkipHardwareTest -UsedSpaceOnly -EncryptionMethod xts_aes256');
    const idle = machine().capability;
    await expect(
      idle.start({ volume, method: null, usedSpaceOnly: false }, signal),
    ).rejects.toMatchObject({ code: 'bitlocker.not-started' });
  });

  it('tells a method that this Windows has not from other failures', async () => {
    const failing = (code: number) =>
      machine({}, (args) => (args.startsWith('-on') ? { code } : undefined)).capability;
    const request = { volume, method: 'XTS_AES128', usedSpaceOnly: true } as const;
    await expect(failing(0x80070057).start(request, signal)).rejects.toMatchObject({
      code: 'bitlocker.method',
    });
    await expect(failing(0x80310030).start(request, signal)).rejects.toMatchObject({
      code: 'tool.failed',
      message: expect.stringContaining('bootable CD'),
    });
  });

  it('adds protectors, whose ids it finds', async () => {
    const { capability, argv } = machine({ protectors: { tpm: [id(1)] } }, (args, drive) => {
      if (args.startsWith('-protectors -add')) drive.protectors['tpm']?.push(id(2));
      return undefined;
    });
    const request = { volume, protector: { kind: 'tpm' } } as const;
    expect(await capability.addProtector(request, signal)).toEqual({ id: id(2) });
    expect(argv()).toContain('-protectors -add C: -TPM');
    await expect(machine().capability.addProtector(request, signal)).rejects.toMatchObject({
      code: 'bitlocker.protector',
    });
  });

  it('removes a protector, and reads back that it is gone', async () => {
    const left = [id(1), id(2)];
    const listing = (ids: readonly string[]) => ({
      stdout: ids.map((each) => `ID: ${each}`).join('\r\n'),
    });
    const { capability, argv } = machine({}, (args) => {
      if (args.startsWith('-protectors -delete')) left.shift();
      return args === '-protectors -get C:' ? listing(left) : undefined;
    });
    const request = { volume, protectorId: id(1).toLowerCase() };
    await capability.removeProtector(request, signal);
    expect(argv()).toContain(`-protectors -delete C: -id ${request.protectorId}`);
    const idle = machine({}, () => listing([id(1), id(2)])).capability;
    await expect(idle.removeProtector(request, signal)).rejects.toMatchObject({
      code: 'bitlocker.protector',
    });
  });

  it('gives secrets by standard input, and shows them nowhere', async () => {
    const reply = (value: object) => ({
      stdout: `${Buffer.from(JSON.stringify(value)).toString('base64')}\r\n`,
    });
    const { capability, commands } = machine({}, (args) =>
      args.includes('-EncodedCommand') ? reply({ code: '0', id: id(3).toLowerCase() }) : undefined,
    );
    const protectors = [
      { kind: 'tpm-and-pin', pin: '19283746' },
      { kind: 'recovery-password', password: '111111-222222' },
      { kind: 'startup-key', folder: 'E:\\', key: 'c2VjcmV0' },
    ] as const;
    for (const protector of protectors) {
      expect(await capability.addProtector({ volume, protector }, signal)).toEqual({ id: id(3) });
      const { argv, title, input = '' } = commands.at(-1) ?? expect.fail();
      const secret =
        'pin' in protector
          ? protector.pin
          : 'key' in protector
            ? protector.key
            : protector.password;
      const shown = argv.map((each) => Buffer.from(each, 'base64').toString('utf16le') + each);
      expect(`${shown.join(' ')} ${title}`).not.toContain(secret);
      expect(JSON.parse(Buffer.from(input, 'base64').toString())).toMatchObject({
        drive: 'C:',
        secret,
      });
    }
    for (const value of [{ code: String(0x80310018) }, { error: 'no such volume' }, {}]) {
      const failing = machine({}, () => reply({ id: '', ...value })).capability;
      await expect(
        failing.addProtector({ volume, protector: protectors[0] }, signal),
      ).rejects.toMatchObject({ code: 'bitlocker.protector' });
    }
  });

  it('M53 suspends and resumes, and reads back that it did', async () => {
    const obeying = (args: string, drive: Drive): undefined => {
      if (args.startsWith('-protectors -enable')) drive.on = true;
      if (args.startsWith('-protectors -disable')) drive.on = false;
    };
    const { capability, argv, drive } = machine({ percent: 100, method: 'AES 128' }, obeying);
    await capability.resume(volume, signal);
    expect(drive.on).toBe(true);
    await capability.suspend({ volume, restarts: 0 }, signal);
    expect(argv()).toContain('-protectors -disable C: -RebootCount 0');
    const idle = machine({ percent: 100, method: 'AES 128' }).capability;
    await expect(idle.resume(volume, signal)).rejects.toMatchObject({
      code: 'bitlocker.not-protected',
    });
    const stuck = machine({ percent: 100, method: 'AES 128', on: true }).capability;
    await expect(stuck.suspend({ volume, restarts: 1 }, signal)).rejects.toMatchObject({
      code: 'bitlocker.not-suspended',
    });
  });

  it('finds a recovery password among others', async () => {
    const [one, other] = ['111111-222222', '333333-444444'];
    const stdout = `    Numerisches Kennwort:\r\n      ID: ${id(1)}\r\n      Kennwort:\r\n        ${one}\r\n\r\n    Numerisches Kennwort:\r\n      ID: ${id(2)}\r\n      Kennwort:\r\n        ${other}\r\n`;
    const { capability } = machine({}, () => ({ stdout }));
    const request = { volume, kind: 'recovery-password' } as const;
    expect(await capability.protectors(request, signal)).toEqual([id(1), id(2)]);
    expect(await capability.protectors({ ...request, password: other }, signal)).toEqual([id(2)]);
    expect(await capability.protectors({ ...request, password: '5' }, signal)).toEqual([]);
  });

  it('waits until all is encrypted, and notices that it is not going on', async () => {
    const { capability, waits } = machine({ percent: 10, method: 'AES 128' });
    const details: string[] = [];
    for await (const { detail = '' } of capability.encrypted(volume, signal)) details.push(detail);
    expect(details.map((detail) => /\d+/.exec(detail)?.[0])).toEqual(['10', '40', '70']);
    expect(waits).toHaveLength(3);
    const paused = machine({ percent: 10, method: 'AES 128' }, (_args, drive) => {
      drive.percent = 10;
      return undefined;
    });
    const wait = async () => {
      for await (const _ of paused.capability.encrypted(volume, signal));
    };
    await expect(wait()).rejects.toMatchObject({ code: 'bitlocker.stopped' });
  });

  it('keeps keys in Active Directory, and says why it could not', async () => {
    const { capability, argv } = machine();
    await capability.backUpToDirectory({ volume, protectorId: id(4) }, signal);
    expect(argv()).toEqual([`-protectors -adbackup C: -id ${id(4)}`]);
    const failing = machine({}, () => ({ code: 0x8031000a })).capability;
    await expect(
      failing.backUpToDirectory({ volume, protectorId: id(4) }, signal),
    ).rejects.toMatchObject({ code: 'bitlocker.escrow', exitCode: 0x8031000a });
  });

  it.each([
    [{}, false],
    [{ percent: 100, method: 'XTS-AES 128' }, true],
    [{ percent: 3, method: 'XTS-AES 128' }, true],
  ] as const)('%j: it is encrypted: %s', async (start, expected) => {
    expect(await isEncrypted(machine(start).capability, volume, signal)).toBe(expected);
  });

  it('names the part of Windows PE that is missing', async () => {
    const { capability } = machine({}, () => {
      throw new StepError('process.not-found', 'none');
    });
    expect(await isEncrypted(capability, volume, signal)).toBe(false);
    await expect(capability.status(volume, signal)).rejects.toMatchObject({
      code: 'bitlocker.component',
      hint: expect.stringContaining('WinPE-SecureStartup'),
    });
  });

  it('finds drives by their letter and the TPM without WMI', async () => {
    const { capability } = machine();
    expect(await capability.volumeOf(null, signal)).toBe(volume);
    expect(await capability.volumeOf('c:', signal)).toBe(volume);
    await expect(capability.volumeOf('D:', signal)).rejects.toMatchObject({
      code: 'bitlocker.no-drive',
    });
    expect(await capability.tpm(signal)).toMatchObject({ present: true, version: '2.0' });
  });
});
