import { describe, expect, it } from 'vitest';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const type = 'install-application';

describe('M02 install-application', () => {
  it('tells how it went in _TSAppInstallStatus', async () => {
    const listed = await simulateStep(type, {
      applications: [{ name: 'Mail' }, { name: 'Browser' }],
    });
    expect(listed.log).toEqual(['Would install Mail', 'Would install Browser']);
    expect(listed.changes).toEqual({ _TSAppInstallStatus: 'Success' });
    const variables = { Apps01: 'Mail', Apps02: 'Reader' };
    const dynamic = await simulateStep(type, { baseVariable: 'Apps' }, { variables });
    expect(dynamic.log).toEqual(['Would install Mail', 'Would install Reader']);
    const none = await simulateStep(type, { baseVariable: 'Apps' });
    expect(none.changes).toEqual({ _TSAppInstallStatus: 'Undefined' });
  });

  it.each([
    [{}, 'applications: needs an application'],
    [{ applications: [{ name: 'a' }], baseVariable: 'A' }, 'baseVariable: is instead'],
    [{ applications: [{}] }, 'applications.0: needs an id or a name'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });
});
