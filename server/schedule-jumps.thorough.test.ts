import { expect, it } from 'vitest';
import type { TestSite } from './test-machines.ts';
import { type ClockJump, DAY_MS, hoursOfRuns, NIGHT } from './testing/schedule-jumps.ts';
import { withTestSite } from './testing/with-test-site.ts';

/** Those of `schedule-jumps.test.ts` that take a thousand requests each time. */
let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

it.each<ClockJump>([
  ['never', 0, [0, 0], [1, 25, 49, 73]],
  // By the clock of then it is due already: that is the run of the third day, and its only one.
  ['a day ahead in the afternoon', DAY_MS, [30, 36], [1, 25, 30, 73]],
  ['a day back in the afternoon', -DAY_MS, [30, 36], [1, 25, 49, 73]],
  ['a day back while it is due', -DAY_MS, [49, 52], [1, 25, 52, 73]],
])('M22 a daily deployment runs once a day when the clock jumps %s', async (...jump) => {
  expect(await hoursOfRuns(site, jump)).toEqual(jump[3]);
});

it.each<ClockJump>([
  ['never', 0, [0, 0], [14, 38, 62, 86]],
  // Shut by the clock of then, too.
  ['a day ahead in the afternoon', DAY_MS, [30, 36], [14, 38, 62, 86]],
  ['a day back in the afternoon', -DAY_MS, [30, 36], [14, 38, 62, 86]],
  ['a day back in the night, after its run', -DAY_MS, [39, 42], [14, 38, 62, 86]],
  // The next day is not due before nine, and the run is in the window of its night.
  ['a day ahead while the window opens', DAY_MS, [38, 41], [14, 38, 86]],
])('M35 a daily deployment runs once a window when the clock jumps %s', async (...jump) => {
  expect(await hoursOfRuns(site, jump, NIGHT)).toEqual(jump[3]);
});
