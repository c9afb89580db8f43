import { describe, expect, it } from 'vitest';
import { type FitArchitecture, type FitMachine, fit, fitBootImage, fitMachine } from './fit.ts';

const architectures = ['x64', 'arm64', 'x86'] as const;
/** Every machine there is, with what it starts: written out once more, by hand. */
const machines: readonly (FitMachine & { readonly takes: string })[] = [
  { architecture: 'x64', firmware: 'uefi', takes: 'x64' },
  { architecture: 'x64', firmware: 'bios', takes: 'x64 x86' },
  { architecture: 'x86', firmware: 'bios', takes: 'x86' },
  { architecture: 'x86', firmware: 'uefi', takes: '' },
  { architecture: 'arm64', firmware: 'uefi', takes: 'arm64' },
  { architecture: 'arm64', firmware: 'bios', takes: '' },
];
const kinds = [
  { kind: 'boot-image', code: 'boot-image.architecture' },
  { kind: 'os-image', code: 'image.architecture' },
  { kind: 'media', code: 'media.architecture' },
] as const;
const cells = machines.flatMap((machine) =>
  kinds.flatMap((kind) =>
    architectures.map((architecture) => ({
      ...machine,
      ...kind,
      of: architecture,
      fits: machine.takes.split(' ').includes(architecture),
    })),
  ),
);

describe('M43 the table of what fits what', () => {
  it('has a cell for each machine, kind and architecture', () => {
    expect(cells).toHaveLength(54);
  });

  it.each(cells)('M43 $architecture with $firmware and a $kind of $of: fits $fits', (cell) => {
    const verdict = fit(cell, { kind: cell.kind, name: 'It', architecture: cell.of });
    if (cell.fits) {
      expect(verdict).toEqual({ kind: 'fits' });
      return;
    }
    expect(verdict).toMatchObject({
      kind: 'refused',
      code: cell.takes === '' ? 'machine.firmware' : cell.code,
    });
    if (verdict.kind !== 'refused' || cell.takes === '') return;
    const firmware = cell.firmware === 'uefi' ? 'UEFI' : 'BIOS';
    expect(verdict.reason).toBe(
      `It is for ${cell.of}; this machine is ${cell.architecture} with ${firmware}`,
    );
  });

  const drivers = architectures.flatMap((of) =>
    architectures.map((windows) => ({ of, windows, fits: of === windows })),
  );
  it.each(drivers)('M43 drivers for $of in a Windows of $windows: fits $fits', (cell) => {
    const machine = machineOf(cell.windows);
    const windows = { name: 'Windows 11', architecture: cell.windows };
    const subject = { kind: 'drivers', name: 'Drivers', architecture: cell.of, windows } as const;
    const verdict = fit(machine, subject);
    expect(verdict.kind).toBe(cell.fits ? 'fits' : 'refused');
    if (cell.fits) return;
    expect(verdict).toEqual({
      kind: 'refused',
      code: 'driver.architecture',
      reason: `Drivers is for ${cell.of}; Windows 11 is for ${cell.windows}`,
    });
  });

  it.each(kinds.map(({ kind }) => kind))(
    'M43 refuses a %s that does not say its architecture',
    (kind) => {
      const machine = { architecture: 'x64', firmware: 'uefi' } as const;
      expect(fit(machine, { kind, name: 'It', architecture: null })).toEqual({
        kind: 'refused',
        code: 'image.architecture-unknown',
        reason: 'It does not say for which architecture it is; this machine is x64 with UEFI',
      });
    },
  );

  it('M43 refuses 32-bit UEFI by name, whatever it is to start', () => {
    expect(fitMachine({ architecture: 'x86', firmware: 'uefi' })).toEqual({
      kind: 'refused',
      code: 'machine.firmware',
      reason:
        'Nothing is started on this machine: it is 32-bit x86 with UEFI, which is not supported',
    });
  });
});

/** A machine that starts a system of this architecture. */
function machineOf(architecture: FitArchitecture): FitMachine {
  return { architecture, firmware: architecture === 'x86' ? 'bios' : 'uefi' };
}

describe('M43 what is applied from a boot image', () => {
  it.each([
    { boot: 'x64', starts: 'x64 x86' },
    { boot: 'x86', starts: 'x64 x86' },
    { boot: 'arm64', starts: 'arm64' },
    { boot: null, starts: 'x64 arm64 x86' },
  ] as const)('M43 from one for $boot: $starts', (cell) => {
    for (const architecture of architectures) {
      const verdict = fitBootImage(
        { name: 'Windows', architecture },
        { label: '"PE"', architecture: cell.boot },
      );
      const fits = cell.starts.split(' ').includes(architecture);
      expect(verdict).toEqual(
        fits
          ? { kind: 'fits' }
          : {
              kind: 'refused',
              code: 'image.architecture',
              reason: `Windows is for ${architecture}; the boot image "PE" is for ${cell.boot}: no machine starts both`,
            },
      );
    }
  });

  it('M43 from Linux PE: what machines with x64 and UEFI start', () => {
    const verdicts = architectures.map(
      (architecture) => fitBootImage({ name: 'It', architecture }, null).kind,
    );
    expect(verdicts).toEqual(['fits', 'refused', 'refused']);
  });
});
