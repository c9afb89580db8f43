import { expect, it } from 'vitest';
import { deviceFromOptions, parseDeviceRows } from './device-import.ts';

const guid = '55555555-5555-5555-5555-555555555555';

it('reads rows as Configuration Manager imports them; MACs in any spelling', () => {
  const text = `\uFEFFName,GUID,MAC\r\nPC01,${guid},05:06:07:08:09:0A\r\n"PC02",,00-11-22-33-44-55\r\n\r\n`;
  expect(parseDeviceRows(text, { headings: true, where: 'pcs.csv' })).toEqual([
    { name: 'PC01', smbiosGuid: guid, macAddresses: ['05:06:07:08:09:0a'] },
    { name: 'PC02', macAddresses: ['00:11:22:33:44:55'] },
  ]);
});

it.each([
  { row: 'PC01,,', message: /nothing to know it by/ },
  { row: 'PC01,,00:11', message: /six bytes/ },
  { row: `PC01,${guid}x,`, message: /not a UUID/ },
  { row: ',,00:11:22:33:44:55', message: /name/ },
])('refuses $row and names the line', ({ row, message }) => {
  const read = () =>
    parseDeviceRows(`ok,,00:11:22:33:44:55\n${row}`, { headings: false, where: 'pcs.csv' });
  expect(read).toThrow(
    expect.objectContaining({
      code: 'cli.usage',
      exitCode: 2,
      where: 'pcs.csv, line 2',
      message: expect.stringMatching(message),
    }),
  );
});

it('reads one device from options', () => {
  expect(deviceFromOptions({ name: 'PC01', serial: 'ABC' })).toEqual({
    name: 'PC01',
    serialNumber: 'ABC',
    macAddresses: [],
  });
});
