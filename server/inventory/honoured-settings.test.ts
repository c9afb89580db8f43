import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { formatHonouredSettings, isHonoured } from './honoured-settings.ts';

it('has its table in docs/deployments.md', async () => {
  const page = await readFile(new URL('../../docs/deployments.md', import.meta.url), 'utf8');
  expect(page).toContain(formatHonouredSettings());
});

it('obeys schedules in a PE only where the site says so', () => {
  const pe = { environment: 'winpe', enforceSchedulesInPe: false } as const;
  expect(isHonoured('expires', pe)).toBe(false);
  expect(isHonoured('expires', { ...pe, enforceSchedulesInPe: true })).toBe(true);
  expect(isHonoured('expires', { ...pe, environment: 'full-os' })).toBe(true);
  expect(isHonoured('rerun', { ...pe, enforceSchedulesInPe: true })).toBe(false);
});
