import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { driverFacts } from '#agent/drivers/driver-facts.ts';
import { parseInf } from '#agent/drivers/inf.ts';
import { InfError } from '#agent/drivers/inf-error.ts';
import type { PrintedForms } from './printed-forms.ts';

/** A driver package in the store of a Windows. */
interface StoredDriver {
  /** `oem0.inf`. */
  readonly published: string;
  readonly original: string;
  readonly text: Uint8Array;
}

interface AddedFolder {
  readonly folder: string;
  /** What Windows calls it. */
  readonly shownAs: string;
  readonly recurse: boolean;
  readonly print: (text: string) => void;
}

/**
 * What `dism /Add-Driver` does: each INF below a folder with what is beside it goes to
 * `DriverStore\FileRepository\<name>_amd64_<hash>`, and to `INF\oem<N>.inf`. @returns its exit code
 */
export async function addToStore(
  windows: string,
  { folder, shownAs, recurse, print }: AddedFolder,
): Promise<number> {
  const names = await readdir(folder, { recursive: recurse });
  const found = names.filter((name) => /\.inf$/i.test(name)).toSorted();
  print(`Found ${found.length} driver package(s) to install.\r\n`);
  let refused = 0;
  for (const [at, name] of found.entries()) {
    const shown = `${shownAs}\\${name.replaceAll('/', '\\')}`;
    const head = `Installing ${at + 1} of ${found.length} - ${shown}: `;
    const text = await readFile(join(folder, name));
    if (!isDriver(text)) {
      refused += 1;
      print(`${head}The driver package could not be installed.\r\n`);
      continue;
    }
    await store(windows, join(folder, name), text);
    print(`${head}The driver package was successfully installed.\r\n`);
  }
  return found.length > 0 && refused === found.length ? 2 : 0;
}

/** What `dism /Get-Drivers /Format:List` prints. */
export async function printedStore(windows: string, forms: PrintedForms): Promise<string> {
  const drivers = await storedDrivers(windows);
  return forms.driverList(
    drivers.map(({ published, original, text }) => {
      const { provider, version, date, className } = driverFacts(parseInf(text), original);
      return { published, original, className, provider, date, version };
    }),
  );
}

async function store(windows: string, inf: string, text: Uint8Array): Promise<void> {
  const original = basename(inf).toLowerCase();
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const repository = join(windows, 'System32/DriverStore/FileRepository');
  const place = join(repository, `${original}_amd64_${hash}`);
  await cp(dirname(inf), place, { recursive: true });
  const known = await storedDrivers(windows);
  if (known.some((each) => each.original === original && each.text.toString() === text.toString()))
    return;
  await mkdir(join(windows, 'INF'), { recursive: true });
  await writeFile(join(windows, 'INF', `oem${known.length}.inf`), text);
}

async function storedDrivers(windows: string): Promise<StoredDriver[]> {
  const repository = join(windows, 'System32/DriverStore/FileRepository');
  const originals = await Promise.all(
    (await readdir(repository).catch((): string[] => [])).map(async (name) => {
      const original = name.replace(/_amd64_[0-9a-f]{16}$/, '');
      return { original, text: (await readFile(join(repository, name, original))).toString() };
    }),
  );
  const names = await readdir(join(windows, 'INF')).catch((): string[] => []);
  const published = names.filter((name) => /^oem\d+\.inf$/.test(name)).toSorted();
  return Promise.all(
    published.map(async (name) => {
      const text = await readFile(join(windows, 'INF', name));
      const original = originals.find((each) => each.text === text.toString())?.original ?? name;
      return { published: name, original, text };
    }),
  );
}

/** Whether it is a driver for the Windows of the lab. */
function isDriver(text: Uint8Array): boolean {
  try {
    const { sections } = driverFacts(parseInf(text), 'x.inf');
    return sections.some(({ architecture }) => architecture === 'x64');
  } catch (error) {
    if (error instanceof InfError) return false;
    throw error;
  }
}
