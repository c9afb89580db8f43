import { describe, expect, it } from 'vitest';
import { parseModuleInfo, parseModulesDep, selectModules } from './kernel-module.ts';

/** The smallest ELF64 that has a `.modinfo`: header, three sections, their names. */
function moduleFile(modinfo: string): Uint8Array {
  const names = '\0.modinfo\0.shstrtab\0';
  const bytes = new Uint8Array(64 + 3 * 64 + names.length + modinfo.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f45_4c46);
  bytes[4] = 2; // ELFCLASS64
  bytes[5] = 1; // little-endian
  view.setBigUint64(0x28, 64n, true); // e_shoff
  view.setUint16(0x3a, 64, true); // e_shentsize
  view.setUint16(0x3c, 3, true); // e_shnum
  view.setUint16(0x3e, 2, true); // e_shstrndx
  const place = (index: number, name: number, offset: number, size: number) => {
    view.setUint32(64 + index * 64, name, true);
    view.setBigUint64(64 + index * 64 + 0x18, BigInt(offset), true);
    view.setBigUint64(64 + index * 64 + 0x20, BigInt(size), true);
  };
  const text = 64 + 3 * 64;
  place(1, 1, text + names.length, modinfo.length);
  place(2, 10, text, names.length);
  bytes.set(new TextEncoder().encode(names + modinfo), text);
  return bytes;
}

describe('parseModuleInfo', () => {
  it('reads firmware and soft dependencies', () => {
    const fields =
      'firmware=rtl_nic/a.fw\0firmware=rtl_nic/b.fw\0softdep=pre: realtek post: x\0license=GPL\0';
    expect(parseModuleInfo(moduleFile(fields))).toEqual({
      firmware: ['rtl_nic/a.fw', 'rtl_nic/b.fw'],
      softDependencies: ['realtek', 'x'],
    });
  });

  it('refuses what is no module', () => {
    expect(() => parseModuleInfo(new Uint8Array(64))).toThrow(RangeError);
    expect(() => parseModuleInfo(moduleFile('').subarray(0, 100))).toThrow(RangeError);
  });
});

describe('selectModules', () => {
  const dependencies = parseModulesDep(
    [
      'kernel/drivers/net/ethernet/realtek/r8169.ko: kernel/drivers/net/phy/libphy.ko',
      'kernel/drivers/net/phy/libphy.ko:',
      'kernel/drivers/net/phy/realtek.ko: kernel/drivers/net/phy/libphy.ko',
      'kernel/drivers/net/ethernet/mellanox/mlxsw/mlxsw_core.ko: kernel/lib/parman.ko',
      'kernel/lib/parman.ko:',
      'kernel/sound/soundcore.ko:',
      '',
    ].join('\n'),
  );
  const soft = (path: string) => (path.endsWith('r8169.ko') ? ['realtek'] : []);

  it('takes what modules need, softly too, and leaves out what is excluded', () => {
    const selection = { include: [/^drivers\/net\/ethernet\//], exclude: [/\/mlxsw\//] };
    expect(selectModules(dependencies, soft, selection)).toEqual([
      'kernel/drivers/net/ethernet/realtek/r8169.ko',
      'kernel/drivers/net/phy/libphy.ko',
      'kernel/drivers/net/phy/realtek.ko',
    ]);
  });
});
