import { spawn } from 'node:child_process';
import type { StandInTool } from '../stand-in-server.ts';
import { addToStore, printedStore } from './dism-drivers.ts';
import type { PrintedForms } from './printed-forms.ts';

/** ERROR_FILE_NOT_FOUND, as dism ends; ERROR_INVALID_DATA. */
const NOT_FOUND = 2;
const DAMAGED = 0x8007000d;

/** What the lab does with a run of dism. */
export interface DismHooks {
  /** Called when a part of an image is applied; true when the power was cut there. */
  applying(): Promise<boolean>;
}

/** Stands for dism: images by wimlib, drivers into the store. @param hostPath where the lab has a path of Windows */
export function dism(
  hostPath: (path: string) => Promise<string | undefined>,
  forms: PrintedForms,
  hooks: DismHooks,
): StandInTool {
  return async ({ words, print }) => {
    const option = (name: string): string =>
      words
        .find((word) => word.toLowerCase().startsWith(`/${name.toLowerCase()}:`))
        ?.slice(name.length + 2) ?? '';
    const has = (name: string): boolean => words.some((word) => word.toLowerCase() === `/${name}`);
    print('\r\nDeployment Image Servicing and Management tool\r\nVersion: 10.0.26100.1\r\n\r\n');
    if (has('add-driver') || has('get-drivers')) {
      const windows = await hostPath(`${option('Image')}Windows`);
      if (windows === undefined) return NOT_FOUND;
      if (has('get-drivers')) return printedStore(windows, forms);
      const folder = await hostPath(option('Driver'));
      if (folder === undefined) return NOT_FOUND;
      const shownAs = option('Driver');
      return addToStore(windows, { folder, shownAs, recurse: has('recurse'), print });
    }
    if (!has('apply-image')) {
      print('\r\nError: 87\r\n\r\nThe option is unknown.\r\n');
      return 87;
    }
    const [image, target] = [
      await hostPath(option('ImageFile')),
      await hostPath(option('ApplyDir')),
    ];
    if (image === undefined || target === undefined) {
      print('\r\nError: 2\r\n\r\nThe system cannot find the file specified.\r\n');
      return NOT_FOUND;
    }
    print('Applying image\r\n');
    const child = spawn('wimlib-imagex', ['apply', image, option('Index'), target, '--no-acls'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let cutting: Promise<void> | undefined;
    const cut = async (): Promise<void> => {
      child.kill('SIGSTOP');
      child.kill((await hooks.applying()) ? 'SIGKILL' : 'SIGCONT');
    };
    let shown = -1;
    let said = '';
    const look = (piece: Buffer): void => {
      said = (said + piece.toString()).slice(-2000);
      const percent = [...piece.toString().matchAll(/\((\d{1,3})%\)/g)].at(-1)?.[1];
      if (percent === undefined || Number(percent) <= shown) return;
      shown = Number(percent);
      print(bar(shown));
      if (shown >= 10) cutting ??= cut();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    const code = await ended;
    await cutting;
    if (code !== 0) {
      print(`\r\nError: 13\r\n\r\n${said}\r\n`);
      return DAMAGED;
    }
    print(`${bar(100)}\r\nThe operation completed successfully.\r\n`);
    return 0;
  };
}

/** `[=====   10.0%   ]`: 60 places. */
function bar(percent: number): string {
  const text = ` ${percent.toFixed(1)}% `;
  const equals = '='.repeat(Math.round((percent * 60) / 100));
  const half = 30 - Math.floor(text.length / 2);
  const line =
    equals.padEnd(60).slice(0, half) + text + equals.padEnd(60).slice(half + text.length);
  return `\r[${line}]`;
}
