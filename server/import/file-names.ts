const MAX_LENGTH = 100;
/** Names that Windows takes for devices, whatever their ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A name of a file for each name, that every system takes and no other of them has, without case and
 * without ending. No name leads into another folder.
 */
export function safeFileNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const safe = safeFileName(name);
    let unique = safe;
    for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${safe} (${number})`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

function safeFileName(name: string): string {
  const safe = name
    .normalize('NFC')
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*%]+/gu, '_')
    .replaceAll(/\s+/g, ' ')
    .slice(0, MAX_LENGTH)
    .toWellFormed()
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  if (safe === '') return 'task sequence';
  return DEVICE.test(safe) ? `_${safe}` : safe;
}
