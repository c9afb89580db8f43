import type { NetworkCapability } from '#agent/sequence/network-capability.ts';
import type { Platform } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';

/** What the machine does with shares and domains. @throws {StepError} `network.unavailable` */
export function networkOf({ network, environment }: Platform): NetworkCapability {
  if (network) return network;
  throw new StepError(
    'network.unavailable',
    `There is no tool for shares and domains in ${environment}`,
    {
      exitCode: 0x80070032,
    },
  );
}
