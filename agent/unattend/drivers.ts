import { command } from './default-unattend.ts';
import {
  component,
  element,
  listItem,
  type ProcessorArchitecture,
  type Unattend,
  unattendOf,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

/** A folder with drivers that Windows takes in, as the new Windows sees it: `C:\Drivers`. */
export interface DriverFolder {
  readonly path: string;
  /**
   * `driver-paths`: with the image offline, by DISM or Setup. `pnputil`: in specialize, for an image that
   * was laid down without Microsoft's tools; nothing that the start needs can come so.
   */
  readonly by: 'driver-paths' | 'pnputil';
}

/**
 * The parts of the answer file that take drivers in.
 * @throws {UnattendError} `unattend.driver-folder`
 */
export function driverUnattend(
  folders: readonly DriverFolder[],
  architecture: ProcessorArchitecture,
): Unattend {
  const pathsBy = (by: DriverFolder['by']): readonly string[] =>
    folders.filter((folder) => folder.by === by).map(({ path }) => checkedFolder(path));
  const offline = pathsBy('driver-paths').map((path, index) =>
    listItem('PathAndCredentials', [element('Path', path)], index + 1),
  );
  const commands = pathsBy('pnputil').map((path, index) =>
    command(
      index + 1,
      'Metalwright: take drivers in',
      `pnputil.exe /add-driver "${path}\\*.inf" /subdirs /install`,
    ),
  );
  const list = (name: string, items: typeof offline) =>
    items.length === 0 ? [] : [element(name, items)];
  return unattendOf({
    offlineServicing: [
      component('Microsoft-Windows-PnpCustomizationsNonWinPE', architecture, [
        ...list('DriverPaths', offline),
      ]),
    ],
    specialize: [
      component('Microsoft-Windows-Deployment', architecture, [
        ...list('RunSynchronous', commands),
      ]),
    ],
  });
}

/** It stands in quotation marks in a command line: nothing in it may end them, or be put in by Windows. */
function checkedFolder(path: string): string {
  const folder = path.replace(/\\+$/, '');
  if (/^([A-Za-z]:)?\\[^":<>|*?%\r\n]*$/.test(path) && folder !== '') return folder;
  throw new UnattendError(
    'unattend.driver-folder',
    `${JSON.stringify(path.slice(0, 200))} is no folder that drivers can be taken from`,
    { hint: 'It is an absolute path of Windows, without quotation marks and %.' },
  );
}
