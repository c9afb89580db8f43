import type { InstalledProduct } from '../../../sequence/query-capability.ts';
import { unpackGuid } from './packed-guid.ts';
import type { PrintedKey } from './reg-output.ts';
import type { Registry } from './registry.ts';

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const UPGRADE_CODES = [
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UpgradeCodes',
  'HKLM\\SOFTWARE\\Classes\\Installer\\UpgradeCodes',
];
const PRODUCT_CODE = /\\(\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})$/i;

/** The products that Windows Installer has installed for the machine, of both views of the registry. */
export async function installedProducts(
  registry: Registry,
  signal: AbortSignal,
): Promise<InstalledProduct[]> {
  const upgrades = new Map<string, string>();
  for (const key of UPGRADE_CODES)
    for (const [product, upgrade] of upgradeCodes(await registry.tree(key, '64', signal)))
      upgrades.set(product, upgrade);
  const found = new Map<string, InstalledProduct>();
  for (const view of ['64', '32'] as const)
    for (const { key, values } of await registry.tree(UNINSTALL, view, signal)) {
      const productCode = PRODUCT_CODE.exec(key)?.[1]?.toUpperCase();
      const value = (name: string) => values.find((each) => each.name === name)?.data ?? '';
      // Other installers use GUIDs too; only this value says that it is an MSI product.
      if (productCode === undefined || value('WindowsInstaller') !== '0x1') continue;
      found.set(productCode, {
        productCode,
        upgradeCode: upgrades.get(productCode) ?? null,
        name: value('DisplayName'),
        version: value('DisplayVersion'),
      });
    }
  return [...found.values()];
}

/** Keys are packed upgrade codes; the names of their values are the packed codes of the products. */
function upgradeCodes(keys: readonly PrintedKey[]): [product: string, upgrade: string][] {
  return keys.flatMap(({ key, values }) => {
    const upgrade = unpackGuid(key.slice(key.lastIndexOf('\\') + 1));
    if (upgrade === undefined) return [];
    return values.flatMap(({ name }): [string, string][] => {
      const product = unpackGuid(name);
      return product === undefined ? [] : [[product, upgrade]];
    });
  });
}
