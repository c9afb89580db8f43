/**
 * What fits what (M43): one table for the network boot, for the registration of a machine and for the steps
 * that write. Architecture is enforced, not tried: a machine is never given something to see whether it works.
 */
export type FitArchitecture = 'x64' | 'arm64' | 'x86';
export interface FitMachine {
  readonly architecture: FitArchitecture;
  readonly firmware: 'bios' | 'uefi';
}

/** What is held against a machine. `architecture` is null where a thing does not say it. */
export type FitSubject =
  | {
      readonly kind: 'boot-image' | 'os-image' | 'media';
      /** As a message names it: `image 1 of Windows 11 (MW100002, version 3)`. */
      readonly name: string;
      readonly architecture: FitArchitecture | null;
    }
  | {
      readonly kind: 'drivers';
      readonly name: string;
      readonly architecture: FitArchitecture | null;
      /** Of the Windows that is to load them, an image that is applied or a boot image. */
      readonly windows: { readonly name: string; readonly architecture: FitArchitecture };
    };

export type FitCode =
  | 'boot-image.architecture'
  | 'image.architecture'
  | 'media.architecture'
  | 'driver.architecture'
  | 'image.architecture-unknown'
  | 'machine.firmware';

/** `reason` names both sides, without a full stop. */
export type Fit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'refused'; readonly code: FitCode; readonly reason: string };

/**
 * What each machine starts, by the architecture of boot image, operating system or media. UEFI starts its own
 * architecture only; an x64 processor behind a BIOS starts 32-bit systems too. 32-bit UEFI is refused by name
 * whatever it is to start, and no ARM64 machine has a BIOS.
 */
const starts: Readonly<
  Record<FitArchitecture, Readonly<Record<FitMachine['firmware'], readonly FitArchitecture[]>>>
> = {
  x64: { uefi: ['x64'], bios: ['x64', 'x86'] },
  x86: { uefi: [], bios: ['x86'] },
  arm64: { uefi: ['arm64'], bios: [] },
};

const codes = {
  'boot-image': 'boot-image.architecture',
  'os-image': 'image.architecture',
  media: 'media.architecture',
} as const;

/** Whether something may be started on, or written to, a machine. */
export function fit(machine: FitMachine, subject: FitSubject): Fit {
  const machineFits = fitMachine(machine);
  if (machineFits.kind === 'refused') return machineFits;
  const { architecture, name } = subject;
  if (architecture === null)
    return refused(
      'image.architecture-unknown',
      `${name} does not say for which architecture it is; this machine is ${describeMachine(machine)}`,
    );
  if (subject.kind === 'drivers') return fitDrivers(architecture, subject);
  if (starts[machine.architecture][machine.firmware].includes(architecture))
    return { kind: 'fits' };
  return refused(
    codes[subject.kind],
    `${name} is for ${architecture}; this machine is ${describeMachine(machine)}`,
  );
}

/** Whether anything at all is started on such a machine. */
export function fitMachine(machine: FitMachine): Fit {
  if (starts[machine.architecture][machine.firmware].length > 0) return { kind: 'fits' };
  return refused(
    'machine.firmware',
    `Nothing is started on this machine: it is ${describeMachine(machine)}, which is not supported`,
  );
}

/** Machines that the Linux PE of this version starts on: the boot image where a task sequence names none. */
const linuxPeMachines: readonly FitMachine[] = [{ architecture: 'x64', firmware: 'uefi' }];
const machines: readonly FitMachine[] = (['x64', 'x86', 'arm64'] as const).flatMap((architecture) =>
  (['uefi', 'bios'] as const).map((firmware) => ({ architecture, firmware })),
);

/**
 * Whether there is a machine that starts both a boot image and the operating system that is applied from it; one
 * that does not say its architecture is left to the machine. @param bootImage null for Linux PE
 */
export function fitBootImage(
  osImage: { readonly name: string; readonly architecture: FitArchitecture },
  bootImage: { readonly label: string; readonly architecture: FitArchitecture | null } | null,
): Fit {
  const boot = bootImage === null ? 'x64' : bootImage.architecture;
  if (boot === null) return { kind: 'fits' };
  const both = (bootImage === null ? linuxPeMachines : machines).some(
    ({ architecture, firmware }) =>
      starts[architecture][firmware].includes(boot) &&
      starts[architecture][firmware].includes(osImage.architecture),
  );
  if (both) return { kind: 'fits' };
  const from =
    bootImage === null
      ? 'Linux PE, which machines start where the sequence names no boot image, is for x64 with UEFI'
      : `the boot image ${bootImage.label} is for ${boot}`;
  return refused(
    codes['os-image'],
    `${osImage.name} is for ${osImage.architecture}; ${from}: no machine starts both`,
  );
}

/** A driver is loaded by the kernel of its own architecture alone, whatever the processor could run. */
function fitDrivers(
  architecture: FitArchitecture,
  { name, windows }: Extract<FitSubject, { kind: 'drivers' }>,
): Fit {
  if (architecture === windows.architecture) return { kind: 'fits' };
  return refused(
    'driver.architecture',
    `${name} is for ${architecture}; ${windows.name} is for ${windows.architecture}`,
  );
}

/** `x64 with UEFI`. */
function describeMachine({ architecture, firmware }: FitMachine): string {
  const title = architecture === 'x86' && firmware === 'uefi' ? '32-bit x86' : architecture;
  return `${title} with ${firmware === 'uefi' ? 'UEFI' : 'BIOS'}`;
}

function refused(code: FitCode, reason: string): Fit {
  return { kind: 'refused', code, reason };
}
