import { type RegistryFacts, registryTypes } from '../../../sequence/query-capability.ts';
import { QueryError } from '../../../sequence/query-error.ts';
import { decodeConsole } from '../tools/decode-console.ts';
import type { WindowsParts } from './parts.ts';
import { type PrintedKey, parseRegQuery, registryData } from './reg-output.ts';

const TIMEOUT_MS = 60_000;
/** Of `reg /s` over all that is installed, on a slow disk. */
const TREE_TIMEOUT_MS = 300_000;
const ROOT =
  /^(HKLM|HKCU|HKCR|HKU|HKCC|HKEY_(LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG))(\\|$)/i;
const MAX_DEPTH = 512;
const CODE_PAGE_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage';

/** The registry of this machine, read by `reg query`. */
export interface Registry {
  /** @throws {QueryError} `query.registry-key`, `query.registry-denied`, `query.timeout` */
  read(key: string, valueName: string | null, signal: AbortSignal): Promise<RegistryFacts | null>;
  /** A key with all below it; none when it is not there. */
  tree(key: string, view: '64' | '32', signal: AbortSignal): Promise<readonly PrintedKey[]>;
}

/** @param view which registry a 64-bit Windows shows: `/reg:64` but for what 32-bit programs see */
export function openRegistry({ run }: Pick<WindowsParts, 'run'>, view: '64' | '32'): Registry {
  let codePage: string | undefined;

  const reg = async (
    args: readonly string[],
    options: { readonly view?: '64' | '32'; readonly timeoutMs?: number },
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> => {
    const argv = ['reg.exe', 'query', ...args, `/reg:${options.view ?? view}`] as const;
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const { code, stdout, timedOut } = await run({ argv, timeoutMs }, signal);
    if (timedOut)
      throw new QueryError('query.timeout', `reg query ${args[0]} took over ${timeoutMs / 1000} s`);
    return code === 0 ? stdout : undefined;
  };
  const readCodePage = async (signal: AbortSignal): Promise<string> => {
    const found = await reg([CODE_PAGE_KEY, '/v', 'OEMCP'], {}, signal);
    const printed = parseRegQuery(Buffer.from(found ?? []).toString('latin1'));
    return printed[0]?.values[0]?.data ?? '';
  };
  /** The printed keys, or undefined where `reg` fails: it says why in words of some language only. */
  const query = async (
    args: readonly string[],
    options: Parameters<typeof reg>[1],
    signal: AbortSignal,
  ): Promise<PrintedKey[] | undefined> => {
    const bytes = await reg(args, options, signal);
    if (bytes === undefined) return undefined;
    codePage ??= await readCodePage(signal);
    return parseRegQuery(decodeConsole(bytes, Number(codePage)));
  };

  /** Whether a key that cannot be read is there: the nearest key above that can be read lists it. */
  const isThere = async (key: string, signal: AbortSignal): Promise<boolean> => {
    for (let child = key; child.includes('\\'); ) {
      const parent = child.slice(0, child.lastIndexOf('\\'));
      const listed = await query([parent], {}, signal);
      if (listed) {
        return listed.some((each) => belowRoot(each.key) === belowRoot(child));
      }
      child = parent;
    }
    return true;
  };

  /** The default value has a name of each language, and `reg` prints one for a value that is not set. */
  const defaultValue = async (key: string, signal: AbortSignal): Promise<RegistryFacts> => {
    const [own] = (await query([key], {}, signal)) ?? [];
    const value = (await query([key, '/ve'], {}, signal))?.[0]?.values[0];
    // Of those, only one that is set is in the list of the key's values.
    const isSet = own?.values.some(
      ({ name, type, data }) => name === value?.name && type === value.type && data === value.data,
    );
    return value && isSet === true ? facts(value) : { value: null };
  };

  return {
    async read(given, valueName, signal) {
      const key = given.replace(/\\+$/, '');
      if (!ROOT.test(key) || key.split('\\').length > MAX_DEPTH || /["\0\r\n]/.test(key))
        throw new QueryError('query.registry-key', `${given.slice(0, 300)} is no registry key`, {
          hint: 'It begins with HKEY_LOCAL_MACHINE, HKLM or another root, and \\ is between its parts.',
        });
      if (valueName !== null && valueName !== '') {
        const [found] = (await query([key, '/v', valueName], {}, signal)) ?? [];
        const value = found?.values[0];
        if (value) return facts(value);
      }
      const listed = await query([key], {}, signal);
      if (listed) return valueName === null || valueName === '' ? defaultValue(key, signal) : null;
      if (!(await isThere(key, signal))) return null;
      throw new QueryError('query.registry-denied', `${key} is there and cannot be read`, {
        hint: 'Its permissions do not let Local System read it.',
      });
    },
    async tree(key, treeView, signal) {
      const options = { view: treeView, timeoutMs: TREE_TIMEOUT_MS };
      return (await query([key, '/s'], options, signal)) ?? [];
    },
  };
}

/** A key without its root, which `reg` prints in full, in one case. */
function belowRoot(key: string): string {
  return key.slice(key.indexOf('\\')).toLowerCase();
}

function facts({ type, data }: { readonly type: string; readonly data: string }): RegistryFacts {
  const known = registryTypes.find((each) => each === type);
  return { value: { type: known ?? 'other', data: registryData(type, data) } };
}
