import { Command } from 'commander';
import { expect, it } from 'vitest';
import { parseAssignment, settingsOf, withSettingOptions } from './deployment-options.ts';

/** Words of two lines, and what follows whole. */
function read(first = '', second = '', third = '', ...more: string[]) {
  const words = [first, second, third].flatMap((line) => line.split(' ').filter(Boolean));
  const command = withSettingOptions(new Command().exitOverride(), '--for');
  command.parse([...words, ...more], { from: 'user' });
  return settingsOf(command.opts());
}

it('reads what the options name, and nothing else', () => {
  expect(read()).toEqual({});
  expect(
    read(
      '--for media-pxe-hidden --available-from 2027-01-15T08:00Z --expires never',
      '--max-run 0 --run-outside-windows yes --site-fallback yes --content-wait site',
      '--assign now',
      '2027-02-01T22:00 every 2 weeks on monday',
    ),
  ).toEqual({
    makeAvailableTo: 'media-pxe-hidden',
    availableFrom: '2027-01-15T08:00Z',
    expires: null,
    assignments: [
      { kind: 'as-soon-as-possible' },
      {
        kind: 'recurring',
        start: '2027-02-01T22:00',
        recurrence: { kind: 'weekly', everyWeeks: 2, weekdays: ['monday'] },
      },
    ],
    maxRunMinutes: 0,
    runOutsideWindows: true,
    fallback: { neighbors: false, siteDefault: true },
    contentWaitMinutes: null,
  });
});

it.each(['soon', '2027-02-30T10:00', '2027-02-01T22:00 sometimes'])(
  'refuses the schedule %j',
  (text) => {
    expect(() => parseAssignment(text)).toThrow('write');
  },
);
