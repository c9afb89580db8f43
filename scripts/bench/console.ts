import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { DeviceId, MacAddress } from '#agent/protocol/identity.ts';
import { launchBrowser } from '#server/console/testing/chromium.ts';
import {
  addDevice,
  addFacts,
  addPerson,
  runStarted,
  startRun,
} from '#server/http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '#server/http/routes/operator/test-console.ts';
import { type Benchmark, below, type Figure, told } from './benchmark.ts';
import { median } from './medians.ts';

const ROUNDS = 5;
const MACHINES = 1000;
const MOVING = 50;
const SCROLL_MS = 10_000;
const PAINT_LIMIT_MS = 1000;
const FRAME_LIMIT_MS = 50;
const UPDATE_LIMIT_MS = 2000;

/** The console in Debian's chromium on loopback: first paint, and the bench with a thousand machines, 50 of them moving. */
export const consolePages: Benchmark = {
  name: 'console',
  title: `first paint, and the bench with ${MACHINES} machines, ${MOVING} of them moving, in chromium`,
  run: async () => {
    await using site = await openTestConsole({ tls: true });
    const base = await site.listen();
    await addPerson(site, 'Ann');
    const browser = await launchBrowser();
    try {
      return await measure(site, base, browser);
    } finally {
      await browser.close();
    }
  },
};

async function measure(site: TestConsole, base: string, browser: Browser): Promise<Figure[]> {
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) paints.push(await paint(site, base, browser));
  for (let number = 0; number < MACHINES; number += 1) await addMachine(site, number);
  const devices = await site.services.store.devices.list();
  for (const device of devices.slice(0, MOVING)) {
    const run = await startRun(site, device);
    await addFacts(site, run, [runStarted]);
    site.facts.progress.set(run, { stepId: null, index: 1, total: 9, title: 'Apply' });
  }
  const page = await signIn(site, base, browser);
  await page
    .getByRole('article')
    .nth(MACHINES - 1)
    .waitFor({ state: 'attached', timeout: 60_000 });
  const updates = [];
  for (let round = 0; round < ROUNDS; round += 1) updates.push(await update(site, page));
  const moving = setInterval(() => move(site), 250);
  const frames = await scroll(page);
  clearInterval(moving);
  return [
    below('first contentful paint, median', median(paints), PAINT_LIMIT_MS, 'ms'),
    below('longest frame of a 10 s scroll', Math.max(...frames), FRAME_LIMIT_MS, 'ms'),
    told('frames of that scroll', frames.length, ''),
    below('an update is on the page, longest', Math.max(...updates), UPDATE_LIMIT_MS, 'ms'),
  ];
}

async function signIn(site: TestConsole, base: string, browser: Browser): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${base}/#link=${await site.services.access.newLinkToken()}`);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}

/** What is painted first by a browser that has nothing of the console and a session already. */
async function paint(site: TestConsole, base: string, browser: Browser): Promise<number> {
  const page = await signIn(site, base, browser);
  const other = await page.context().newPage();
  await other.goto(base);
  await other.getByRole('heading', { name: 'Bench' }).waitFor();
  const ms = await other.evaluate<number>(
    `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
  );
  await page.context().close();
  return ms;
}

/** How long after a change of the store the page shows it. */
async function update(site: TestConsole, page: Page): Promise<number> {
  const name = `NEW-${randomUUID().slice(0, 8)}`;
  const [device] = await site.services.store.devices.list();
  if (device === undefined) throw new Error('there are no devices');
  const startedMs = performance.now();
  await site.services.store.devices.put({ ...device, name });
  site.services.changes.changed('view');
  await page.getByRole('article', { name }).waitFor();
  return performance.now() - startedMs;
}

function move(site: TestConsole): void {
  for (const [run, progress] of site.facts.progress)
    site.facts.progress.set(run, { ...progress, doneBytes: (progress.doneBytes ?? 0) + 1e7 });
  site.services.changes.changed('view');
}

/** Times between frames while the page is scrolled from its top to its end and back. */
async function scroll(page: Page): Promise<number[]> {
  return await page.evaluate<number[]>(`new Promise((resolve) => {
    const frames = [];
    const started = performance.now();
    let before = started;
    const step = (now) => {
      frames.push(now - before);
      before = now;
      const part = (now - started) / ${SCROLL_MS};
      if (part >= 1) return resolve(frames);
      const end = document.documentElement.scrollHeight - innerHeight;
      scrollTo(0, end * (part < 0.5 ? part * 2 : 2 - part * 2));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);
}

async function addMachine(site: TestConsole, number: number): Promise<void> {
  const hex = number.toString(16).padStart(6, '0');
  await addDevice(site, 1, {
    id: DeviceId.parse(randomUUID()),
    name: `BENCH-${number}`,
    smbiosGuid: null,
    macAddresses: [MacAddress.parse(`b07b25${hex}`)],
    serialNumber: `SN${number}`,
    seenAt: {
      atMs: Date.now(),
      address: '10.0.5.9',
      interfaceName: 'bench0',
      relay: null,
      switchId: `sw-${Math.floor(number / 48)}`,
      port: `eth1/${number % 48}`,
    },
  });
}
