import type { GeneralizeCapability } from '#agent/sequence/capture-capability.ts';
import type { Platform } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';

/** What makes the installed system one for any machine. @throws {StepError} `capture.unavailable` */
export function generalizeOf({ generalize, environment }: Platform): GeneralizeCapability {
  if (generalize !== undefined) return generalize;
  throw new StepError(
    'capture.unavailable',
    `The agent in ${environment} prepares no system for a capture`,
    { exitCode: 0x80070032 },
  );
}
