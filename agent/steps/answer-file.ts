import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { WmiInventory } from '#agent/sequence/query-capability.ts';
import { StepError } from '#agent/sequence/step-error.ts';
import type { ProcessorArchitecture } from '../unattend/unattend.ts';
import { UnattendError } from '../unattend/unattend-error.ts';

/** What an answer file calls the architectures. */
export const answerFileArchitecture = {
  x64: 'amd64',
  x86: 'x86',
  arm64: 'arm64',
} as const satisfies Record<MachineArchitecture, ProcessorArchitecture>;

/** What `make` makes, or the failure of a step where an answer file cannot hold it. @throws {StepError} `unattend.*` */
export function checkedForAnswerFile<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UnattendError)) throw error;
    const { code, message, hint } = error;
    throw new StepError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      exitCode: 0x80070057,
      cause: error,
    });
  }
}

/** MAC addresses of this machine, in the order in which Windows has its adapters. */
export function macAddressesOf(inventory: WmiInventory): readonly string[] {
  const rows = inventory['Win32_NetworkAdapterConfiguration'] ?? [];
  const addresses = rows.flatMap(({ MACAddress: address }) =>
    typeof address === 'string' && /^([\da-f]{2}[:-]){5}[\da-f]{2}$/i.test(address)
      ? [address.toUpperCase()]
      : [],
  );
  return [...new Set(addresses)];
}
