import type { MachineArchitecture } from '../../protocol/identity.ts';
import type { WmiRow } from '../../sequence/query-capability.ts';
import type { SmbiosProcessor } from '../smbios/facts.ts';

/** Win32_Processor.Architecture and its width. */
const ARCHITECTURES = { x86: [0, 32], x64: [9, 64], arm64: [12, 64] } as const;
const MAX_PROCESSORS = 4096;

export interface ProcessorFacts {
  /** Text of /proc/cpuinfo. */
  readonly cpuinfo: string;
  readonly architecture: MachineArchitecture;
  /** Clock that the kernel's driver tells for the first processor; null without one. */
  readonly baseKhz: number | null;
  readonly smbios: readonly SmbiosProcessor[];
}

/** `Win32_Processor`: a row for each socket. Pure. */
export function processorRows(facts: ProcessorFacts): WmiRow[] {
  const { architecture, baseKhz, smbios } = facts;
  const sockets = new Map<string, ReadonlyMap<string, string>[]>();
  for (const processor of logicalProcessors(facts.cpuinfo)) {
    const socket = processor.get('physical id') ?? '0';
    sockets.set(socket, [...(sockets.get(socket) ?? []), processor]);
  }
  return [...sockets.values()].map((own, index): WmiRow => {
    const first = own[0] ?? new Map<string, string>();
    const cores = new Set(own.map((each) => each.get('core id') ?? each.get('processor')));
    const described = smbios[index];
    const name = first.get('model name') ?? described?.name ?? null;
    const [kind, width] = ARCHITECTURES[architecture];
    return {
      DeviceID: `CPU${index}`,
      Name: name,
      Manufacturer: first.get('vendor_id') ?? null,
      Caption: caption(first),
      NumberOfCores: cores.size,
      NumberOfLogicalProcessors: own.length,
      MaxClockSpeed: nominalMhz(name, baseKhz) ?? described?.currentMhz ?? currentMhz(first),
      Architecture: kind,
      AddressWidth: width,
      DataWidth: width,
      ProcessorId: described?.id ?? null,
      SocketDesignation: described?.socket ?? null,
    };
  });
}

/** Whether the machine is a guest: the flag that every hypervisor sets. Pure. */
export function hypervisorPresent(cpuinfo: string): boolean {
  const [first] = logicalProcessors(cpuinfo);
  return first?.get('flags')?.split(' ').includes('hypervisor') ?? false;
}

function logicalProcessors(cpuinfo: string): ReadonlyMap<string, string>[] {
  return cpuinfo
    .split(/\n\s*\n/, MAX_PROCESSORS)
    .map((block) => {
      const lines = block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()];
      });
      return new Map(lines);
    })
    .filter((processor) => processor.has('processor'));
}

/** `Intel64 Family 6 Model 158 Stepping 10`, as Windows writes it. */
function caption(processor: ReadonlyMap<string, string>): string | null {
  const kind = { GenuineIntel: 'Intel64', AuthenticAMD: 'AMD64' }[processor.get('vendor_id') ?? ''];
  if (kind === undefined) return null;
  const value = (name: string): string => processor.get(name) ?? '0';
  return `${kind} Family ${value('cpu family')} Model ${value('model')} Stepping ${value('stepping')}`;
}

/** The clock that is sold, not that of the moment: from the name, `@ 2.60GHz`, or the driver. */
function nominalMhz(name: string | null, baseKhz: number | null): number | null {
  const [, ghz] = /@ (\d+\.\d+)\s?GHz/.exec(name ?? '') ?? [];
  if (ghz !== undefined) return Math.round(Number(ghz) * 1000);
  return baseKhz === null ? null : Math.round(baseKhz / 1000);
}

function currentMhz(processor: ReadonlyMap<string, string>): number | null {
  const mhz = Math.round(Number(processor.get('cpu MHz')));
  return Number.isFinite(mhz) && mhz > 0 ? mhz : null;
}
