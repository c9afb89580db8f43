import { expect, it } from 'vitest';
import { checkDeploymentSettings, DeploymentSettings } from './deployment-settings.ts';

const check = (settings: object, around: object = {}) => {
  try {
    checkDeploymentSettings(DeploymentSettings.parse(settings), {
      purpose: 'required',
      siteZone: 'Europe/Berlin',
      startsInPe: true,
      ...around,
    });
    return undefined;
  } catch (error) {
    return error;
  }
};

it('M16 a task sequence that cannot start in a PE is for clients only', () => {
  const around = { startsInPe: false };
  expect(check({}, around)).toMatchObject({ code: 'deployment.only-clients' });
  expect(check({ makeAvailableTo: 'media-pxe-hidden' }, around)).toMatchObject({
    code: 'deployment.only-clients',
  });
  expect(check({ makeAvailableTo: 'clients' }, around)).toBeUndefined();
});

it('refuses what contradicts itself, by the moments that are meant', () => {
  // 08:00 in Berlin is before 08:00 UTC.
  const local = { availableFrom: '2027-01-15T08:00', expires: '2027-01-15T08:00Z' };
  expect(check(local)).toBeUndefined();
  const swapped = { availableFrom: local.expires, expires: local.availableFrom };
  const code = 'deployment.settings';
  expect(check(swapped)).toMatchObject({ code });
  expect(check({ availableFrom: local.expires, deadline: local.availableFrom })).toMatchObject({
    code,
  });
  const available = { purpose: 'available' };
  expect(check({ assignments: [{ kind: 'as-soon-as-possible' }] }, available)).toMatchObject({
    code,
  });
  const once = { kind: 'recurring', start: local.availableFrom, recurrence: { kind: 'none' } };
  expect(check({ assignments: [once] })).toMatchObject({ code });
});
