import { expect, it } from 'vitest';
import { parseProcNet } from './proc-net.ts';

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

it('reads a UDP socket bound to all addresses', () => {
  const line =
    ' 2067: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31415 2 0000 0';
  expect(parseProcNet(`${heading}\n${line}\n`, 'udp')).toEqual([
    { protocol: 'udp', address: '0.0.0.0', port: 67, inode: '31415' },
  ]);
});

it('reads little-endian addresses, and of TCP only what listens', () => {
  const listening =
    '   0: 0100007F:1CE8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 27 1 0';
  const connected =
    '   1: 0100007F:1CE8 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 28 1 0';
  expect(parseProcNet(`${heading}\n${listening}\n${connected}\n`, 'tcp')).toEqual([
    { protocol: 'tcp', address: '127.0.0.1', port: 7400, inode: '27' },
  ]);
});

it('reads IPv6, words in host order', () => {
  const line =
    '  10: B80D0120000000000000000001000000:0045 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 99 2';
  expect(parseProcNet(`${heading}\n${line}`, 'udp')).toEqual([
    { protocol: 'udp', address: '2001:db8:0:0:0:0:0:1', port: 69, inode: '99' },
  ]);
});

it('passes over what is no line of that table', () => {
  expect(parseProcNet(`${heading}\nnonsense\n 1: XYZ:12 0\n\n`, 'udp')).toEqual([]);
});
