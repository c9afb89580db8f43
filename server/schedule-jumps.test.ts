import { expect, it } from 'vitest';
import type { TestSite } from './test-machines.ts';
import { type ClockJump, DAY_MS, hoursOfRuns, NIGHT } from './testing/schedule-jumps.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

it.each<ClockJump>([
  // The same run is that of the fourth day.
  ['a day ahead while it is due', DAY_MS, [49, 52], [1, 25, 49]],
])('M22 a daily deployment runs once a day when the clock jumps %s', async (...jump) => {
  expect(await hoursOfRuns(site, jump)).toEqual(jump[3]);
});

it.each<ClockJump>([['a day back while the window opens', -DAY_MS, [38, 41], [14, 41, 62, 86]]])(
  'M35 a daily deployment runs once a window when the clock jumps %s',
  async (...jump) => {
    expect(await hoursOfRuns(site, jump, NIGHT)).toEqual(jump[3]);
  },
);
