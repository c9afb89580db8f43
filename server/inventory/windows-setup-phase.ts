import { z } from 'zod';

/**
 * How far a machine is on the way into Windows Setup: `prepared` behind the step that sets Windows up, in
 * PE; `entered` once it was restarted to its disk, until it speaks from the new Windows.
 */
export const WindowsSetupPhase = z.enum(['none', 'prepared', 'entered']);
export type WindowsSetupPhase = z.infer<typeof WindowsSetupPhase>;

/** After how many minutes of silence a machine in Windows Setup counts as lost. */
export const WindowsSetupLostMinutes = z.int().min(15).max(10_080);
