import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { addPerson } from '../../http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../../http/routes/operator/test-console.ts';
import { launchBrowser } from './chromium.ts';
import { openPage, type PageOptions, type TestPage } from './test-browser.ts';

type SiteOptions = Omit<Parameters<typeof openTestConsole>[0], 'tls'>;

interface Opened {
  readonly site: TestConsole;
  readonly origin: string;
  /** Of Ann, an administrator. */
  readonly password: string;
  readonly browser: Browser;
}

/** A console and a browser that are there while tests run. */
interface ConsoleForTests extends Opened {
  /** Opens a page of the console, signed in as an administrator. */
  openPage(options?: PageOptions): Promise<TestPage>;
}

/** Opens a console with an account and a browser before the tests of a `describe`, and closes both after them. */
export function consoleForTests(
  optionsOf: () => SiteOptions | Promise<SiteOptions> = () => ({}),
): ConsoleForTests {
  let opened: Opened | undefined;
  const closing = new AsyncDisposableStack();
  beforeAll(async () => {
    const site = closing.use(await openTestConsole({ ...(await optionsOf()), tls: true }));
    const origin = await site.listen();
    const password = await addPerson(site, 'Ann');
    const browser = closing.adopt(await launchBrowser(), (each) => each.close());
    opened = { site, origin, password, browser };
  });
  afterAll(() => closing.disposeAsync());
  const now = () => {
    if (opened === undefined) throw new Error('no test runs yet');
    return opened;
  };
  return {
    get site() {
      return now().site;
    },
    get origin() {
      return now().origin;
    },
    get password() {
      return now().password;
    },
    get browser() {
      return now().browser;
    },
    openPage: (options) => openPage(now().browser, now().site, options),
  };
}
