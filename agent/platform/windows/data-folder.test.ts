import { expect, it } from 'vitest';
import { dataFolderOnDisk } from './data-folder.ts';

const GB = 1024 ** 3;
const volumes: Readonly<Record<string, { readonly type: number; readonly bytes: number | null }>> =
  {
    'C:\\': { type: 3, bytes: 100 * GB },
    'D:\\': { type: 3, bytes: 900 * GB },
    'E:\\': { type: 2, bytes: 2000 * GB },
    'F:\\': { type: 3, bytes: null },
    'S:\\': { type: 3, bytes: GB / 4 },
    'X:\\': { type: 3, bytes: 5000 * GB },
    'D:\\folder\\': { type: 3, bytes: 6000 * GB },
  };
const folderOf = async (roots: readonly string[]) =>
  dataFolderOnDisk(
    {
      volumes: () => roots,
      mountPoints: (volume) => [volume],
      driveType: (root) => volumes[root]?.type ?? 0,
    },
    async (root) => volumes[root]?.bytes ?? Promise.reject(new Error('not formatted')),
  );

it('M56 log and packages go to the largest formatted volume of a fixed disk, once there is one', async () => {
  expect(await folderOf(['X:\\', 'S:\\', 'E:\\', 'F:\\'])).toBeUndefined();
  expect(await folderOf(Object.keys(volumes))).toBe('D:\\_SMSTaskSequence');
  expect(await folderOf(['C:\\', 'X:\\'])).toBe('C:\\_SMSTaskSequence');
  expect(await dataFolderOnDisk(undefined)).toBeUndefined();
});
