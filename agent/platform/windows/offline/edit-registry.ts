/**
 * Changes of a hive that lies on a volume, by `reg`: loaded under a name of its own, changed, read back, and
 * unloaded whatever happened, as a hive that stays loaded keeps its volume from being let go.
 */
import type { RegistryFacts } from '../../../sequence/query-capability.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type {
  OfflineHive,
  RegistryData,
  RegistryEdit,
} from '../../../sequence/windows-capability.ts';
import type { Registry } from '../query/registry.ts';
import type { RunWindowsTool } from '../run-tool.ts';

const UNLOAD_TRIES = 8;
const UNLOAD_WAIT_MS = 500;
const CURRENT = /^CurrentControlSet(?=\\|$)/i;

export interface RegistryParts {
  readonly runTool: RunWindowsTool;
  readonly registry: Pick<Registry, 'read'>;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** @param file the hive, `W:\Windows\System32\config\SYSTEM` @throws {StepError} `windows.hive` */
export async function editHive(
  parts: RegistryParts,
  {
    file,
    hive,
    edits,
  }: {
    readonly file: string;
    readonly hive: OfflineHive;
    readonly edits: readonly RegistryEdit[];
  },
  signal: AbortSignal,
): Promise<void> {
  const root = `HKLM\\METALWRIGHT_${hive}`;
  const { runTool } = parts;
  // What an agent that was ended left loaded is in the way.
  if ((await parts.registry.read(root, null, signal)) !== null) await unload(parts, root, signal);
  try {
    await runTool({ argv: ['reg.exe', 'load', root, file] }, signal);
  } catch (error) {
    throw failure(`${file} cannot be loaded`, error, signal);
  }
  try {
    const set = await startingSet(parts, { root, edits }, signal);
    for (const edit of edits) {
      const key = `${root}\\${edit.key.replace(CURRENT, () => set)}`;
      try {
        await makeEdit(parts, { ...edit, key }, signal);
      } catch (error) {
        throw failure(`${edit.key} of ${hive} cannot be changed`, error, signal);
      }
    }
  } finally {
    // Also when the run is cancelled.
    await unload(parts, root, AbortSignal.timeout(60_000));
  }
}

/** Name of the control set that the next start takes. */
async function startingSet(
  { registry }: RegistryParts,
  { root, edits }: { readonly root: string; readonly edits: readonly RegistryEdit[] },
  signal: AbortSignal,
): Promise<string> {
  if (!edits.some(({ key }) => CURRENT.test(key))) return '';
  const found = await registry.read(`${root}\\Select`, 'Default', signal);
  const number = Number(found?.value?.data);
  if (found?.value?.type === 'REG_DWORD' && number > 0)
    return `ControlSet${String(number).padStart(3, '0')}`;
  throw new StepError(
    'windows.hive',
    'The SYSTEM hive does not say which control set starts next',
    {
      hint: 'Add the image again from a good copy.',
    },
  );
}

async function makeEdit(
  { runTool, registry }: RegistryParts,
  edit: RegistryEdit,
  signal: AbortSignal,
): Promise<void> {
  const { key } = edit;
  if (edit.kind === 'delete-key') {
    if ((await registry.read(key, null, signal)) === null) return;
    await runTool({ argv: ['reg.exe', 'delete', key, '/f'] }, signal);
    if ((await registry.read(key, null, signal)) !== null) throw new Error('it is still there');
    return;
  }
  const named = edit.name === '' ? ['/ve'] : ['/v', edit.name];
  const found = await registry.read(key, edit.name, signal);
  if (edit.kind === 'delete-value') {
    if (found === null || found.value === null) return;
    await runTool({ argv: ['reg.exe', 'delete', key, ...named, '/f'] }, signal);
    const after = await registry.read(key, edit.name, signal);
    if (after !== null && after.value !== null) throw new Error(`${edit.name} is still there`);
    return;
  }
  const data = dataText(edit.value);
  const options = data === '' ? [] : ['/d', data];
  const argv = ['reg.exe', 'add', key, ...named, '/t', edit.value.type, ...options, '/f'] as const;
  await runTool({ argv: [...argv] }, signal);
  const after = await registry.read(key, edit.name, signal);
  if (!isSame(after?.value ?? null, edit.value))
    throw new Error(`${edit.name} reads back as ${JSON.stringify(after?.value ?? null)}`);
}

/** As `reg add` takes it; the texts of a list are parted by its own mark for it. */
function dataText(value: RegistryData): string {
  switch (value.type) {
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return value.data;
    case 'REG_DWORD':
      return String(value.data);
    case 'REG_MULTI_SZ':
      return value.data.join('\\0');
    case 'REG_BINARY':
      return Buffer.from(value.data).toString('hex');
  }
}

function isSame(found: RegistryFacts['value'], wanted: RegistryData): boolean {
  if (found?.type !== wanted.type) return false;
  const text = wanted.type === 'REG_MULTI_SZ' ? wanted.data.join('\n') : dataText(wanted);
  return found.data === text;
}

/** A program that looks at every new key, as virus scanners do, may hold it open for a moment. */
async function unload(
  { runTool, wait }: RegistryParts,
  root: string,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { code, output } = await runTool(
      { argv: ['reg.exe', 'unload', root], allowed: 'any' },
      signal,
    );
    if (code === 0) return;
    if (tries === UNLOAD_TRIES)
      throw new StepError('windows.hive', `${root} cannot be unloaded: ${output.trim()}`, {
        hint: 'A program holds it open. Start Windows PE again.',
        exitCode: code,
      });
    await wait(UNLOAD_WAIT_MS * tries, signal);
  }
}

function failure(what: string, error: unknown, signal: AbortSignal): StepError {
  signal.throwIfAborted();
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError('windows.hive', `${what}: ${reason}`, {
    cause: error,
    hint: 'Add the image again from a good copy.',
  });
}
