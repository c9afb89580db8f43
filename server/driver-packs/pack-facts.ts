import { DriverPack } from '#agent/drivers/driver-pack.ts';
import { dellFacts } from './dell.ts';
import { hpFacts } from './hp.ts';
import { lenovoFacts } from './lenovo.ts';

/** What a file of a pack, or one beside it, says; only small texts are read. */
export interface PackText {
  /** Its name alone, `sp145678.cva`. */
  readonly name: string;
  readonly text: string;
}

/** Facts of a pack as far as a maker's file or name says them. */
export type FoundFacts = Partial<DriverPack> & Pick<DriverPack, 'vendor'>;

/** Whether a file may say for which machines a pack is. */
export function isPackText(name: string): boolean {
  return /\.(?:cva|xml)$/i.test(name);
}

/**
 * For which machines a driver pack is, by what its maker put into it or into its name; undefined where nothing says it.
 * The first maker that recognises anything is believed. Pure.
 * @param fileName the name under which it was downloaded, without its folder
 */
export function packFacts(fileName: string, texts: readonly PackText[]): DriverPack | undefined {
  for (const read of [hpFacts, lenovoFacts, dellFacts]) {
    const found = read(fileName, texts);
    if (found !== undefined) return DriverPack.parse(found);
  }
  return undefined;
}
