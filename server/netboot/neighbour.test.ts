import { expect, it } from 'vitest';
import { readNeighbour } from './neighbour.ts';

const table = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.2        0x1         0x2         02:42:ac:11:00:02     *        eth1
10.77.0.2        0x1         0x2         02:42:ac:11:00:99     *        eth0
10.77.0.9        0x1         0x0         00:00:00:00:00:00     *        eth1
`;

it.each([
  { address: '10.77.0.2', interfaceName: 'eth1', mac: '02:42:ac:11:00:02' },
  { address: '10.77.0.2', interfaceName: 'eth0', mac: '02:42:ac:11:00:99' },
  { address: '10.77.0.9', interfaceName: 'eth1', mac: null },
  { address: '10.77.0.20', interfaceName: 'eth1', mac: null },
])('M50 finds the MAC address of $address on $interfaceName', ({ mac, ...wanted }) => {
  expect(readNeighbour(table, wanted)).toBe(mac);
});
