import type { MapStep } from '../map-step.ts';

/** Steps of the menu *General* (reference: task-sequence-xml, section 12). */
export const generalSteps: Readonly<Record<string, MapStep>> = {
  Reboot: (step) => {
    step.ignore('successCodeList', 'runIn', 'runFromNet', 'retryCount', 'startIn');
    const target = step.text('Target', 'SMSRebootTarget')?.trim().toLowerCase();
    return {
      how: 'typed',
      actions: [
        {
          type: 'restart',
          params: {
            target: target === 'winpe' ? 'pe' : 'hd',
            message: step.text('Message') ?? '',
            delaySeconds: step.number('MessageTimeout') ?? 0,
          },
        },
      ],
    };
  },
};
