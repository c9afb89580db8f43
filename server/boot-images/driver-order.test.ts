import { expect, it } from 'vitest';
import { driverRank } from './driver-order.ts';

const inf = (className: string, text = '') => ({ className, text });

it('M53 loads storage first, RST before VMD, then what others hang on, then networks', () => {
  const wanted = [
    inf('SCSIAdapter', 'iaStorAC.inf'),
    inf('hdc', 'viostor.inf'),
    inf('SCSIAdapter', 'iaStorVD.inf VMD'),
    inf('System', 'heci.inf'),
    inf('USB', 'xhci.inf'),
    inf('Net', 'e1d.inf'),
    inf('Display', 'card.inf'),
  ];
  const ranks = wanted.map((each) => driverRank(each));
  expect(ranks.map(({ rank }) => rank)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(ranks.map(({ name }) => name)).toEqual([
    'rst',
    'storage',
    'vmd',
    'system',
    'usb',
    'net',
    'other',
  ]);
});
