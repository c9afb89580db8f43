import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Lab } from '../scenario.ts';

/**
 * Drivers that wait for specialize in the Windows below `root`: those for the machine's NVMe controller, and behind
 * them the whole package (wine/drivers.ts).
 */
export async function checkStagedDrivers(lab: Lab, root: string, answers: string): Promise<void> {
  const folder = join(root, 'Windows/Metalwright/Drivers');
  const inf = await readFile(join(lab.directory, 'drivers-all/storage/labdisk.inf'), 'utf8');
  const found = (await readdir(folder, { recursive: true })).filter((path) => /\.\w+$/.test(path));
  expect(
    found.filter((path) => path.startsWith('1/')).every((path) => !path.includes('labarm')) &&
      found.filter((path) => /^1\/.*labdisk\.(inf|sys)$/.test(path)).length === 2,
    'the driver that fits the disk controller waits in a folder, and no other',
    () => found.join('\n'),
  );
  for (const path of ['2/storage/labdisk.inf', '2/storage/labdisk.sys', '2/arm/labarm.inf'])
    expect(found.includes(path), `${path} of the package waits behind it`, () => found.join('\n'));
  expect(
    (await readFile(join(folder, '2/storage/labdisk.inf'), 'utf8')) === inf,
    'it is the file that was added to the server',
  );
  for (const number of [1, 2])
    expect(
      answers.includes(`\\Windows\\Metalwright\\Drivers\\${number}`),
      `the answer file has folder ${number} of drivers added`,
      () => answers,
    );
  lab.see('disk', `drivers that wait for specialize: ${found.join(', ')}`);
}
