import { type Browser, chromium } from 'playwright-core';

/** Debian's. */
export const CHROMIUM = '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's chromium without a window. */
export async function launchBrowser(...more: string[]): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: [...flags, ...more] });
}
