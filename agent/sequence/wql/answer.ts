import type { QueryCapability, WmiInventory, WmiRow } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { hasRow } from './evaluate.ts';
import { parseWql } from './parse.ts';
import { WqlError } from './wql-error.ts';

/** Where a query looks when it names no namespace. */
export const DEFAULT_NAMESPACE = 'root\\cimv2';
const TPM_NAMESPACE = 'root\\cimv2\\security\\microsofttpm';
/** Classes of the inventory that are elsewhere than in `root\cimv2`. */
const namespaces: ReadonlyMap<string, string> = new Map([['win32_tpm', TPM_NAMESPACE]]);

/**
 * Whether a query has at least one row: asked of the machine's WMI where it has one, else answered from
 * the agent's inventory.
 * @throws {WqlError} `wql.*`
 * @throws {QueryError} `query.namespace`, `query.class`, `query.property`, `query.type`, and what WMI says
 */
export async function queryWmi(
  request: { readonly namespace: string; readonly query: string },
  { wmi, inventory }: Pick<QueryCapability, 'wmi' | 'inventory'>,
  signal: AbortSignal,
): Promise<boolean> {
  const namespace = normalized(request.namespace);
  if (wmi !== undefined) return wmi({ namespace, query: request.query }, signal);
  const query = parseWql(request.query);
  return hasRow(query, rowsOf(await inventory(signal), namespace, query.className));
}

/** Whether the agent's inventory has classes of a namespace. */
export function isInventoryNamespace(namespace: string): boolean {
  const wanted = normalized(namespace).toLowerCase();
  return wanted === DEFAULT_NAMESPACE || [...namespaces.values()].includes(wanted);
}

/**
 * Classes of the inventory in a Windows PE that has no WMI to ask (agent/platform): what SMBIOS, the registry
 * and the network tell. A Linux PE and a Windows with WMI have more.
 */
export const leastInventory: readonly string[] = [
  'Win32_BaseBoard',
  'Win32_BIOS',
  'Win32_ComputerSystem',
  'Win32_ComputerSystemProduct',
  'Win32_NetworkAdapterConfiguration',
  'Win32_OperatingSystem',
  'Win32_PhysicalMemory',
  'Win32_Processor',
  'Win32_SystemEnclosure',
];

/**
 * The class that a query asks for, where a Windows PE without WMI has none of that name to answer it; undefined
 * where it has, and of what cannot be read as a query.
 */
export function unansweredClass(request: {
  readonly namespace?: string | undefined;
  readonly query: string;
}): string | undefined {
  const namespace = normalized(request.namespace ?? DEFAULT_NAMESPACE).toLowerCase();
  let className: string;
  try {
    ({ className } = parseWql(request.query));
  } catch (error) {
    if (error instanceof WqlError) return undefined;
    throw error;
  }
  const isKnown =
    namespace === DEFAULT_NAMESPACE &&
    leastInventory.some((name) => name.toLowerCase() === className.toLowerCase());
  return isKnown ? undefined : className;
}

/** Slashes either way; `\\\\.\\` in front is this machine. */
function normalized(namespace: string): string {
  return namespace.replaceAll('/', '\\').replace(/^\\\\\.\\/, '');
}

function rowsOf(inventory: WmiInventory, namespace: string, className: string): readonly WmiRow[] {
  if (!isInventoryNamespace(namespace))
    throw new QueryError('query.namespace', `there is no namespace ${namespace} here`, {
      hint: 'Without WMI a query is answered from the inventory of the agent, which has root\\cimv2.',
    });
  const key = className.toLowerCase();
  const [, rows] = Object.entries(inventory).find(([name]) => name.toLowerCase() === key) ?? [];
  const home = namespaces.get(key) ?? DEFAULT_NAMESPACE;
  if (rows !== undefined && home === namespace.toLowerCase()) return rows;
  throw new QueryError('query.class', `there is no class ${className} in ${namespace} here`, {
    hint:
      rows === undefined
        ? `The inventory of the agent has ${Object.keys(inventory).join(', ') || 'none'}.`
        : `${className} is in ${home}.`,
  });
}
