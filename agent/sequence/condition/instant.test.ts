import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseInstant } from './instant.ts';

it.each<[string, string | undefined]>([
  ['2024-05-31', '2024-05-31T00:00:00.000Z'],
  ['2024-05-31T14:30', '2024-05-31T14:30:00.000Z'],
  ['2024-05-31T14:30:15', '2024-05-31T14:30:15.000Z'],
  ['2024-05-31 14:30:15.25z', '2024-05-31T14:30:15.250Z'],
  ['2024-05-31T00:30:00+02:00', '2024-05-30T22:30:00.000Z'],
  ['2024-12-31T23:30:00-01:00', '2025-01-01T00:30:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2023-02-29', undefined],
  ['2024-02-31T10:00:00+02:00', undefined],
  ['2024-13-01', undefined],
  ['2024-05-31T24:00:00', undefined],
  ['2024-05-31T14', undefined],
  ['2024-05-31T14:30.5', undefined],
  ['31.5.2024', undefined],
  ['May 31, 2024', undefined],
  ['1717165815', undefined],
  ['', undefined],
])('%s is %s', (text, expected) => {
  const instant = parseInstant(text);
  expect(instant && new Date(instant.ms).toISOString()).toBe(expected);
});

it('M03 gives the same answer on machines in two time zones', () => {
  const script = `
    import { parseInstant } from ${JSON.stringify(import.meta.resolve('./instant.ts'))};
    const texts = ['2024-05-31', '2024-05-31T14:30', '2024-03-10T02:30:00', '2024-05-31T14:30:00+05:30'];
    console.log(new Date().getTimezoneOffset() !== 0, texts.map((text) => parseInstant(text).ms).join());`;
  const zones = ['America/Los_Angeles', 'Asia/Kolkata'].map((zone) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
      timeout: 20_000,
    }),
  );
  expect(zones[0]).toMatch(/^true /);
  expect(zones[0]).toBe(zones[1]);
});
