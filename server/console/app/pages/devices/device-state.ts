import type { DeviceView } from '../../../../http/api.ts';
import type { Tone } from '../../parts/pill.tsx';

/** How a state of a device stands. */
export const stateTones: Readonly<Record<DeviceView['state'], Tone>> = {
  waiting: 'warn',
  approved: 'good',
  known: 'calm',
  ignored: 'calm',
};

/** Make and model as far as they are known. */
export function makeOf({ manufacturer, model }: DeviceView): string {
  return [manufacturer, model].filter(Boolean).join(' ');
}

/** `uefi x64`, as far as it is known. */
export function firmwareOf({ firmware, architecture }: DeviceView): string {
  return [firmware, architecture].filter(Boolean).join(' ');
}
