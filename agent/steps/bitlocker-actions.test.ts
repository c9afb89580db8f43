import { describe, expect, it } from 'vitest';
import type { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { GB, runSteps, type StepRun } from './testing/run-step.ts';

const windows = {
  family: 'windows',
  version: '10.0.26100',
  productType: 'client',
  language: null,
} as const;
const partitions = [
  { type: 'efi', sizeGb: 1 },
  { type: 'primary', sizeGb: 15 },
];
const disks = [{ sizeBytes: 20 * GB }];

/** Steps in an installed Windows; `prepare` sets up its BitLocker. */
async function inWindows(
  steps: StepRun['steps'],
  prepare: (machine: SimulatedMachine) => void = () => {},
  options: Partial<StepRun> = {},
) {
  const run = await runSteps({
    ...options,
    steps,
    machine: { disks, pe: 'winpe', installed: true, os: windows, ...options.machine },
    onMachine: (machine) => {
      machine.storage.partition(0, 'gpt', layout);
      machine.storage.flushAll();
      prepare(machine);
    },
  });
  const [volume = ''] = run.machine.storage
    .list()
    .flatMap((disk) => disk.partitions)
    .flatMap((each) => (each.type === 'primary' ? [each.volume] : []));
  return { ...run, encryption: run.machine.bitLocker.of(volume) };
}
const layout = partitions.map(({ type, sizeGb }) => ({
  type: type === 'efi' ? ('efi' as const) : ('primary' as const),
  label: '',
  sizeBytes: sizeGb * GB,
  active: false,
  format: { fileSystem: type === 'efi' ? ('fat32' as const) : ('ntfs' as const), quick: true },
}));
const systemOf = (machine: SimulatedMachine) =>
  machine.bitLocker.of(
    machine.storage.list()[0]?.partitions.find(({ type }) => type === 'primary')?.volume ?? '',
  );
const enable = (params: object = {}) => ({ type: 'enable-bitlocker', params });
const kinds = ({ protectors }: { protectors: readonly { kind: string }[] }) =>
  protectors.map(({ kind }) => kind);

describe('M02 enable-bitlocker acts', () => {
  it('keeps the recovery password before the TPM protects, then encrypts to its end', async () => {
    const { state, encryption, facts } = await inWindows([enable({ waitForEncryption: true })]);
    expect(state.result).toMatchObject({ succeeded: true });
    expect(kinds(encryption)).toEqual(['recovery-password', 'tpm']);
    expect(encryption.escrowed).toEqual([encryption.protectors[0]?.id]);
    expect(encryption).toMatchObject({ percent: 100, protectionOn: true });
    expect(JSON.stringify(facts)).not.toContain(encryption.protectors[0]?.id);
  });

  it('protects what was encrypted in Windows PE at once', async () => {
    const { encryption } = await inWindows([enable()], (machine) => {
      Object.assign(systemOf(machine), { percent: 100, method: 'default' });
    });
    expect(encryption).toMatchObject({ percent: 100, protectionOn: true });
  });

  it('puts suspended protectors in force again and adds none', async () => {
    const { encryption } = await inWindows([enable({ recoveryKey: 'none' })], (machine) => {
      const system = systemOf(machine);
      Object.assign(system, { percent: 100, method: 'default', suspendedFor: 0 });
      system.protectors.push({ id: '{1}', kind: 'startup-key' });
    });
    expect(kinds(encryption)).toEqual(['startup-key']);
    expect(encryption).toMatchObject({ protectionOn: true, suspendedFor: null });
  });

  it('keeps a recovery password of a drive that is protected already', async () => {
    const protect = (machine: SimulatedMachine): void => {
      const system = systemOf(machine);
      Object.assign(system, { percent: 100, method: 'default', protectionOn: true });
      system.protectors.push({ id: '{1}', kind: 'tpm' });
    };
    const { state, encryption } = await inWindows([enable()], protect);
    expect(state.result).toMatchObject({ succeeded: true });
    expect(kinds(encryption)).toEqual(['tpm', 'recovery-password']);
    expect(encryption.escrowed).toEqual([encryption.protectors[1]?.id]);
    expect(encryption).toMatchObject({ percent: 100, protectionOn: true });
    const none = await inWindows([enable({ recoveryKey: 'none' })], protect);
    expect(kinds(none.encryption)).toEqual(['tpm']);
  });

  it('adds a recovery password that is given beside another one, once', async () => {
    const recoveryPassword = Array.from({ length: 8 }, () => '111111').join('-');
    const given = enable({ recoveryPassword, waitForEncryption: true });
    const { encryption } = await inWindows([given, given], (machine) => {
      systemOf(machine).protectors.push({ id: '{1}', kind: 'recovery-password' });
    });
    expect(kinds(encryption)).toEqual(['recovery-password', 'recovery-password', 'tpm']);
    expect(encryption.escrowed).toEqual([encryption.protectors[1]?.id]);
  });

  it('puts TPM and PIN in the place of the TPM alone, and keeps a PIN where the TPM is enough', async () => {
    const withPin = { keyManagement: 'tpm-and-pin', pin: '%OSDBitLockerPIN%' };
    const start = (kind: 'tpm' | 'tpm-and-pin') =>
      inWindows(
        [enable(kind === 'tpm' ? withPin : {})],
        (machine) => {
          const system = systemOf(machine);
          Object.assign(system, { percent: 100, method: 'default', protectionOn: true });
          system.protectors.push({ id: '{1}', kind });
        },
        { variables: { OSDBitLockerPIN: '19283746' } },
      );
    const replaced = await start('tpm');
    expect(replaced.state.result).toMatchObject({ succeeded: true });
    expect(kinds(replaced.encryption)).toEqual(['recovery-password', 'tpm-and-pin']);
    expect(kinds((await start('tpm-and-pin')).encryption)).toEqual([
      'tpm-and-pin',
      'recovery-password',
    ]);
  });

  it('fails where the key cannot be kept, with nothing that locks the drive', async () => {
    const { state, encryption } = await inWindows([enable()], (machine) => {
      machine.bitLocker.directory = false;
    });
    expect(state.result?.error?.code).toBe('bitlocker.escrow');
    expect(kinds(encryption)).toEqual(['recovery-password']);
    expect(encryption.percent).toBe(0);
  });

  it('M09 comes to the same end wherever the power is cut', async () => {
    for (let moment = 1; moment < 60; moment += 1) {
      const { state, encryption } = await inWindows(
        [enable({ waitForEncryption: true })],
        () => {},
        {
          machine: { powerCuts: [moment] },
        },
      );
      expect(state.result).toMatchObject({ succeeded: true });
      expect(kinds(encryption)).toEqual(['recovery-password', 'tpm']);
      expect(encryption).toMatchObject({ percent: 100, protectionOn: true });
      expect(encryption.escrowed).toHaveLength(1);
    }
  });

  it('fails or skips without a TPM, as it is told, and needs none for a key', async () => {
    const machine = { inventory: { Win32_Tpm: [] } };
    const run = async (params: object) =>
      (await inWindows([enable(params)], () => {}, { machine })).state.result?.error?.code;
    expect(await run({})).toBe('bitlocker.no-tpm');
    expect(await run({ skipWithoutTpm: true })).toBeUndefined();
    const key = { keyManagement: 'key', startupKeyDrive: 'E:', recoveryKey: 'none' };
    expect(await run(key)).toBeUndefined();
    expect(await run({ keyManagement: 'key', recoveryKey: 'none' })).toBe('bitlocker.no-usb-drive');
  });

  it('wants a PIN that has a value', async () => {
    const { state } = await inWindows([enable({ keyManagement: 'tpm-and-pin', pin: '%No%' })]);
    expect(state.result?.error?.code).toBe('bitlocker.pin');
  });

  it('encrypts a data drive after that of the operating system', async () => {
    const data = enable({ drive: 'D:' });
    expect((await inWindows([data])).state.result?.error?.code).toBe('bitlocker.system-first');
    const { state, machine } = await inWindows([enable({ waitForEncryption: true }), data]);
    expect(state.result).toMatchObject({ succeeded: true });
    expect(kinds(machine.bitLocker.of('drive:d:'))).toEqual(['recovery-password', 'auto-unlock']);
  });

  it('takes the method of Windows where that has not the one that is asked for', async () => {
    const { encryption, log } = await inWindows(
      [enable({ encryptionMode: 'xts-aes-256' })],
      (machine) => machine.bitLocker.unknownMethods.add('XTS_AES256'),
    );
    expect(encryption.method).toBe('default');
    expect(log.join('\n')).toContain('takes its own method');
  });

  it('refuses the database before anything is done', async () => {
    const { state, encryption } = await inWindows([enable({ recoveryKey: 'database' })]);
    expect(state.result?.error?.code).toBe('step.later');
    expect(encryption.protectors).toEqual([]);
  });
});

describe('M02 disable-bitlocker acts', () => {
  it('suspends for as many restarts, also for good, and decrypts nothing', async () => {
    const protectedAlready = (machine: SimulatedMachine) => {
      Object.assign(systemOf(machine), { percent: 100, method: 'default', protectionOn: true });
    };
    const disable = (restarts: number) => ({ type: 'disable-bitlocker', params: { restarts } });
    const { encryption } = await inWindows([disable(3)], protectedAlready);
    expect(encryption).toMatchObject({ percent: 100, protectionOn: false, suspendedFor: 3 });
    const override = { variables: { OSDBitLockerRebootCountOverride: '0' } };
    const forGood = await inWindows([disable(3)], protectedAlready, override);
    expect(forGood.encryption.suspendedFor).toBe(0);
    const none = await inWindows([disable(1)]);
    expect(none.state.result).toMatchObject({ succeeded: true });
    expect(none.encryption.suspendedFor).toBeNull();
  });
});

describe('M02 pre-provision-bitlocker acts', () => {
  const format = {
    type: 'format-disk',
    params: {
      partitions: [
        { name: 'EFI', type: 'efi', size: { mb: 512 } },
        { name: 'Windows', fileSystem: 'ntfs', variable: 'OSDisk' },
      ],
    },
  };
  const provision = (params: object = {}) => ({
    type: 'pre-provision-bitlocker',
    params: { destination: { variable: 'OSDisk' }, ...params },
  });

  it('encrypts a volume with a clear key, once', async () => {
    const { state, machine, value, log } = await runSteps({
      steps: [format, provision({ encryptionMode: 'xts-aes-256' }), provision()],
      machine: { pe: 'winpe', disks },
    });
    expect(state.result).toMatchObject({ succeeded: true });
    const encryption = machine.bitLocker.of(value('OSDisk') ?? '');
    expect(encryption).toMatchObject({ percent: 100, method: 'XTS_AES256', protectionOn: false });
    expect(encryption.protectors).toEqual([]);
    expect(log.join('\n')).toContain('already');
  });

  it('skips machines without a TPM, or fails there', async () => {
    const machine = { pe: 'winpe', disks, inventory: { Win32_Tpm: [] } } as const;
    const skipped = await runSteps({ steps: [format, provision()], machine });
    expect(skipped.state.result).toMatchObject({ succeeded: true });
    expect(skipped.log.join('\n')).toContain('This machine has no TPM');
    const failed = await runSteps({
      steps: [format, provision({ skipWithoutTpm: false })],
      machine,
    });
    expect(failed.state.result?.error?.code).toBe('bitlocker.no-tpm');
  });
});
