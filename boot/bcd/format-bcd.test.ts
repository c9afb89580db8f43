import { describe, expect, it } from 'vitest';
import { bcdObject } from './bcd-object.ts';
import { formatBcd } from './format-bcd.ts';
import { objectType, wellKnown } from './object-kinds.ts';
import type { BcdStore } from './store.ts';

const first = '20000000-0000-4000-8000-000000000001';
const second = '20000000-0000-4000-8000-000000000002';
const store: BcdStore = {
  system: true,
  objects: [
    bcdObject(second, objectType.osloader, { debug: true, nx: 'OptOut' }),
    bcdObject(first, objectType.osloader, {
      truncatememory: 0x4000_0000,
      bootstatuspolicy: 9,
      'custom:26000500': false,
      'custom:28000001': undefined,
      device: { kind: 'other', bytes: new Uint8Array(20) },
      description: '',
    }),
    bcdObject(wellKnown.bootmgr, objectType.bootmgr, {
      default: second,
      displayorder: [second, first, wellKnown.memdiag],
      bootsequence: [],
    }),
    bcdObject('30000000-0000-4000-8000-000000000001', 0x1234_5678, {}),
    {
      id: '30000000-0000-4000-8000-000000000002',
      type: 0x2345_6789,
      elements: [
        { id: 0x18000001, value: { kind: 'unknown', type: 3, data: Uint8Array.of(1, 255) } },
      ],
    },
  ],
};

describe('formatBcd', () => {
  it('prints objects by type and id, settings by id, lists in a column', () => {
    expect(formatBcd(store, { current: first })).toBe(`Windows Boot Manager
--------------------
identifier              {bootmgr}
default                 {default}
displayorder            {default}
                        {current}
                        {memdiag}
bootsequence

Windows Boot Loader
-------------------
identifier              {current}
device                  unknown
description
truncatememory          0x40000000
bootstatuspolicy        9
custom:26000500         No

Windows Boot Loader
-------------------
identifier              {default}
nx                      OptOut
debug                   Yes

Unknown (12345678)
------------------
identifier              {30000000-0000-4000-8000-000000000001}

Unknown (23456789)
------------------
identifier              {30000000-0000-4000-8000-000000000002}
custom:18000001         01 ff
`);
  });

  it('prints GUIDs where it is verbose', () => {
    const text = formatBcd(store, { verbose: true, current: first });
    expect(text).toContain(`identifier              {${wellKnown.bootmgr}}\n`);
    expect(text).toContain(`default                 {${second}}\n`);
    expect(text).not.toMatch(/\{(current|default|memdiag)\}/);
  });

  it('prints an empty store as nothing', () => {
    expect(formatBcd({ system: false, objects: [] })).toBe('');
  });
});
