import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { applyImage } from './apply-image.ts';
import { formatDisk } from './format-disk.ts';
import { restart } from './restart.ts';
import { runCommand } from './run-command.ts';
import { runPowerShell } from './run-powershell.ts';
import { runSequence } from './run-sequence.ts';
import { setDynamicVariables } from './set-dynamic-variables.ts';
import { setVariable } from './set-variable.ts';

/** Every step there is, in the order shown to people: Disks, Images, General. */
export const steps: StepRegistry = {
  'format-disk': formatDisk,
  'apply-image': applyImage,
  'run-command': runCommand,
  'run-powershell': runPowerShell,
  'set-variable': setVariable,
  'set-dynamic-variables': setDynamicVariables,
  'run-sequence': runSequence,
  restart,
};
