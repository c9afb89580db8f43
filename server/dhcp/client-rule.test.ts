import { describe, expect, it } from 'vitest';
import { MacAddress } from '#agent/protocol/identity.ts';
import { architectureOfCode } from '#boot/architecture.ts';
import { CLIENT_RULE, refusedByRules } from './client-rule.ts';

const client = {
  mac: MacAddress.parse('52:54:00:12:34:56'),
  architectures: [architectureOfCode(6)].filter((row) => row !== undefined),
  fullClass: 'PXEClient:Arch:00006:UNDI:003016',
};

describe('M50 clients that are answered, by lists', () => {
  it.each([
    { rule: '52:54:00:12:34:56', fits: true },
    { rule: '52:54:00', fits: true },
    { rule: '52:54:00:12:34', fits: true },
    { rule: '52:54:01', fits: false },
    { rule: '54:00:12', fits: false },
    { rule: 'arch:uefi-x86', fits: true },
    { rule: 'arch:uefi-x64', fits: false },
    { rule: 'class:PXEClient:Arch:00006', fits: true },
    { rule: 'class:HTTPClient', fits: false },
  ])('$rule', ({ rule, fits }) => {
    expect(rule).toMatch(CLIENT_RULE);
    expect(refusedByRules(client, { only: [], ignore: [rule] })).toBe(
      fits ? `The list of clients to ignore has ${rule}.` : undefined,
    );
    expect(refusedByRules(client, { only: [rule], ignore: [] })).toBe(
      fits ? undefined : 'It is not on the list of clients that are answered.',
    );
  });

  it('answers all without lists, and hardware that is no Ethernet by its class', () => {
    expect(refusedByRules(client, { only: [], ignore: [] })).toBeUndefined();
    expect(
      refusedByRules({ ...client, mac: null }, { only: [], ignore: ['52:54:00'] }),
    ).toBeUndefined();
  });

  it.each(['52', '52:54', '52:54:0', '52:54:00:12:34:56:78', 'vendor:Dell', 'arch:', '*'])(
    'takes %s for no rule',
    (text) => {
      expect(text).not.toMatch(CLIENT_RULE);
    },
  );
});
