import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRelayAgentInformation } from './relay-agent-information.ts';

const subOption = (code: number, value: Uint8Array) => [code, value.length, ...value];

describe('M57 the switch port of a machine, from option 82', () => {
  it.each([
    { name: 'text', circuit: Buffer.from('eth1/1-24'), says: 'eth1/1-24' },
    { name: 'text with its end', circuit: Buffer.from('ge-0/0/7\0'), says: 'ge-0/0/7' },
    { name: "Cisco's binary", circuit: Buffer.from('0004000a0118', 'hex'), says: 'vlan10/1/24' },
    { name: 'anything else', circuit: Buffer.from('ff0102', 'hex'), says: 'ff0102' },
  ])('reads $name', ({ circuit, says }) => {
    const remote = Buffer.from('0006001122aabbcc', 'hex');
    const bytes = Uint8Array.from([...subOption(1, circuit), ...subOption(2, remote)]);
    expect(readRelayAgentInformation(bytes)).toEqual({
      circuitId: says,
      remoteId: '00:11:22:aa:bb:cc',
    });
  });

  it('takes what is whole of one that is cut off, and anything to an end', () => {
    const bytes = Uint8Array.from([...subOption(1, Buffer.from('p1')), 2, 9, 1]);
    expect(readRelayAgentInformation(bytes)).toEqual({ circuitId: 'p1', remoteId: null });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
        readRelayAgentInformation(any);
      }),
    );
  });
});
