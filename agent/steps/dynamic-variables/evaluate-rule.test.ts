import { describe, expect, it } from 'vitest';
import { Variables } from '#agent/sequence/variables.ts';
import { evaluateRule } from './evaluate-rule.ts';
import { RuleCondition } from './rule-condition.ts';

const variables = Variables.none.setAll(
  Object.entries({
    _SMSTSMake: 'Dell Inc.',
    _SMSTSModel: 'Latitude 7490',
    _SMSTSSerialNumber: '007',
    _SMSTSAssetTag: 'PC, front desk',
    _SMSTSUUID: '4C4C4544-0031-3010-8048-B4C04F4E3032',
    _SMSTSMacAddresses: '52:54:00:00:00:0A,52:54:00:00:00:0B',
    _SMSTSDefaultGateways: '10.0.0.1,fe80::1',
    Gateway: '10.0.0.1',
  }).map(([name, value]) => ({ name, value, secret: false })),
);
const verdict = (condition: unknown) =>
  evaluateRule(RuleCondition.parse(condition), variables).verdict;
const makeModel = (make: string, model: string) => ({ kind: 'make-model', make, model });

describe('M11 the condition of a rule', () => {
  it.each([
    [makeModel('Dell*', 'latitude ????'), true],
    [makeModel('Dell', '*'), false],
    [makeModel('*', 'Latitude 749?'), true],
    [makeModel('HP*', 'Latitude*'), false],
    [makeModel('%_SMSTSMake%', '*'), true],
    [{ kind: 'computer', serialNumber: ['1', '007'] }, true],
    [{ kind: 'computer', serialNumber: '7' }, false],
    [{ kind: 'computer', serialNumber: '%Undefined%' }, false],
    [{ kind: 'computer', assetTag: 'pc, FRONT desk' }, true],
    [{ kind: 'computer', assetTag: 'PC' }, false],
    [{ kind: 'computer', uuid: '{4c4c4544003130108048b4c04f4e3032}' }, true],
    [{ kind: 'computer', macAddress: '5254-0000-000b' }, true],
    [{ kind: 'computer', macAddress: '52:54:00:00:00:0C' }, false],
    [{ kind: 'computer', serialNumber: 'no', macAddress: '52:54:00:00:00:0a' }, true],
    [{ kind: 'computer', serialNumber: 'no', assetTag: ['no', 'neither'] }, false],
    [{ kind: 'location', defaultGateway: ['10.0.0.2', 'FE80::1'] }, true],
    [{ kind: 'location', defaultGateway: '%Gateway%' }, true],
    [{ kind: 'location', defaultGateway: '10.0.0' }, false],
    [{ kind: 'variable', variable: '_SMSTSModel', operator: 'like', value: '*7490' }, true],
    [{ kind: 'variable', variable: 'Gone', operator: 'notExists' }, true],
    [{ all: [] }, true],
    [{ any: [] }, false],
    [{ none: [] }, true],
    [{ all: [makeModel('Dell*', '*'), { none: [makeModel('HP*', '*')] }] }, true],
    [{ any: [makeModel('HP*', '*'), { all: [makeModel('*', '*'), { any: [] }] }] }, false],
  ])('%j is %s', (condition, expected) => {
    expect(verdict(condition)).toBe(expected);
  });

  it('matches nothing on a machine that says nothing of itself', () => {
    for (const condition of [
      { kind: 'computer', serialNumber: '1', uuid: '2', assetTag: '3', macAddress: '4' },
      { kind: 'location', defaultGateway: '5' },
      makeModel('?*', '*'),
    ])
      expect(evaluateRule(RuleCondition.parse(condition), Variables.none).verdict).toBe(false);
  });

  it.each([
    [{ kind: 'computer' }, 'needs assetTag, uuid, serialNumber or macAddress'],
    [{ kind: 'computer', serialNumber: 7 }, 'is text, or a list of texts: put it in quotes'],
    [{ kind: 'computer', serialNumber: [7] }, 'is text: put it in quotes'],
    [{ kind: 'computer', serialNumber: [] }, 'Too small'],
    [makeModel('', 'x'), 'Too small'],
    [{ any: [{ none: [makeModel('x', ''), { kind: 'wmi' }] }] }, '["any",0,"none",1,"kind"]'],
    [{ kind: 'variable', variable: 'A', operator: 'equals' }, 'equals needs a value'],
    [{ kind: 'variable', variable: 'a b', operator: 'exists' }, 'a name has no blanks'],
    [{ kind: 'file', path: 'x' }, 'Invalid'],
    [{ all: [], any: [] }, 'Invalid'],
    ['x', 'Invalid'],
  ])('%j is refused', (condition, message) => {
    const { error } = RuleCondition.safeParse(condition);
    expect(JSON.stringify(error?.issues)).toContain(message);
  });

  it('of any size is read or refused in bounded time', () => {
    let deep: unknown = { all: [] };
    for (let depth = 0; depth < 100_000; depth++) deep = { all: [deep] };
    let doubling: unknown = { any: [] };
    for (let depth = 0; depth < 15; depth++) doubling = { any: [doubling, doubling] };
    const wide = { none: Array.from({ length: 100_000 }, () => ({ all: [] })) };
    const around: { all: unknown[] } = { all: [] };
    around.all.push(around);
    for (const condition of [deep, doubling, wide, around])
      expect(RuleCondition.safeParse(condition).error?.issues[0]?.message).toBe(
        'a condition nests at most 16 deep and has at most 1000 parts',
      );
  });

  it('with a pattern made to be slow is decided soon', () => {
    const model = { name: '_SMSTSModel', value: 'a'.repeat(4000), secret: false };
    const slow = makeModel('*', `${'*a'.repeat(127)}*b`);
    const started = performance.now();
    expect(evaluateRule(RuleCondition.parse(slow), variables.set(model)).verdict).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
