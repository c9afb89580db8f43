/**
 * Client system architectures as firmware names them in DHCP option 93 (RFC 4578, section 2.1, values
 * in the IANA registry "Processor Architecture Types"). One row a value; a row without `boot` is known
 * by name and refused by name, never served a file of another architecture.
 */
export interface ClientArchitecture {
  /** Value of option 93. */
  readonly code: number;
  /** Name used in snapshots, reports and settings. */
  readonly name: ArchitectureName;
  /** For people. */
  readonly title: string;
  readonly machine: 'x86' | 'x64' | 'arm32' | 'arm64' | 'riscv64' | 'other';
  readonly firmware: 'bios' | 'uefi' | 'other';
  /** How the firmware fetches its first file. */
  readonly transport: 'tftp' | 'http';
}

/** Two codes of one name are the same kind of client: 7 was registered for EBC, and all x64 firmware sends it. */
export type ArchitectureName =
  | 'bios'
  | 'uefi-x86'
  | 'uefi-x64'
  | 'uefi-arm32'
  | 'uefi-arm64'
  | 'uefi-riscv64'
  | 'http-x86'
  | 'http-x64'
  | 'http-arm32'
  | 'http-arm64'
  | 'http-riscv64'
  | 'http-bios'
  | 'nec-pc98'
  | 'itanium'
  | 'alpha'
  | 'arc-x86'
  | 'intel-lean-client'
  | 'uefi-xscale';

const rows: readonly ClientArchitecture[] = [
  row(0x00, 'bios', 'x86 BIOS', 'x86', 'bios'),
  row(0x01, 'nec-pc98', 'NEC PC98', 'other', 'other'),
  row(0x02, 'itanium', 'Itanium', 'other', 'uefi'),
  row(0x03, 'alpha', 'DEC Alpha', 'other', 'other'),
  row(0x04, 'arc-x86', 'Arc x86', 'x86', 'other'),
  row(0x05, 'intel-lean-client', 'Intel Lean Client', 'x86', 'other'),
  row(0x06, 'uefi-x86', '32-bit x86 UEFI', 'x86', 'uefi'),
  row(0x07, 'uefi-x64', 'x64 UEFI', 'x64', 'uefi'),
  row(0x08, 'uefi-xscale', 'UEFI on Xscale', 'other', 'uefi'),
  row(0x09, 'uefi-x64', 'x64 UEFI', 'x64', 'uefi'),
  row(0x0a, 'uefi-arm32', '32-bit ARM UEFI', 'arm32', 'uefi'),
  row(0x0b, 'uefi-arm64', 'ARM64 UEFI', 'arm64', 'uefi'),
  row(0x0f, 'http-x86', '32-bit x86 UEFI HTTP Boot', 'x86', 'uefi', 'http'),
  row(0x10, 'http-x64', 'x64 UEFI HTTP Boot', 'x64', 'uefi', 'http'),
  row(0x12, 'http-arm32', '32-bit ARM UEFI HTTP Boot', 'arm32', 'uefi', 'http'),
  row(0x13, 'http-arm64', 'ARM64 UEFI HTTP Boot', 'arm64', 'uefi', 'http'),
  row(0x14, 'http-bios', 'x86 BIOS HTTP Boot', 'x86', 'bios', 'http'),
  row(0x1b, 'uefi-riscv64', '64-bit RISC-V UEFI', 'riscv64', 'uefi'),
  row(0x1c, 'http-riscv64', '64-bit RISC-V UEFI HTTP Boot', 'riscv64', 'uefi', 'http'),
];

function row(
  code: number,
  name: ArchitectureName,
  title: string,
  machine: ClientArchitecture['machine'],
  firmware: ClientArchitecture['firmware'],
  transport: ClientArchitecture['transport'] = 'tftp',
): ClientArchitecture {
  return { code, name, title, machine, firmware, transport };
}

const byCode = new Map(rows.map((entry) => [entry.code, entry]));

/** Finds the row of an option 93 value; undefined for a value this table does not name. */
export function architectureOfCode(code: number): ClientArchitecture | undefined {
  return byCode.get(code);
}
