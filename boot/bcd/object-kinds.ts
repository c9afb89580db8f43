/** Objects that have the same GUID in every store, by the names that bcdedit has for them. */
export const wellKnown = {
  fwbootmgr: 'a5a30fa2-3d06-4e9f-b5f4-a01df9d1fcba',
  bootmgr: '9dea862c-5cdd-4e70-acc1-f32b344d4795',
  memdiag: 'b2721d73-1db4-4c62-bf78-c548a880142d',
  ntldr: '466f5a88-0af2-4f76-9038-095b170dc21c',
  ramdiskoptions: 'ae5534e0-a924-466c-b836-758539a3ee3a',
  globalsettings: '7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e',
  bootloadersettings: '6efb52bf-1766-41db-a6b3-0ee5eff72bd7',
  resumeloadersettings: '1afa9c49-16ab-4a5c-901b-212802da9460',
  dbgsettings: '4636856e-540f-4170-a130-a84776f4c654',
  emssettings: '0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9',
  badmemory: '5189b25c-5558-4bf2-bca4-289b11bd29e2',
  hypervisorsettings: '7ff607e0-4395-11db-b0de-0800200c9a66',
} as const;

/** The loader of Windows PE on Microsoft's own media. */
export const MEDIA_LOADER = '7619dcc9-fafe-11d9-b411-000476eba25f';

/** Types of objects. The last five digits of an application's type say which elements it has. */
export const objectType = {
  fwbootmgr: 0x1010_0001,
  bootmgr: 0x1010_0002,
  firmwareApplication: 0x101f_ffff,
  osloader: 0x1020_0003,
  resume: 0x1020_0004,
  memtest: 0x1020_0005,
  ntldr: 0x1030_0006,
  bootSector: 0x1040_0008,
  inheritable: 0x2010_0000,
  inheritableByOsloader: 0x2020_0003,
  inheritableByResume: 0x2020_0004,
  deviceOptions: 0x3000_0000,
} as const;

const byType: ReadonlyMap<number, string> = new Map<number, string>([
  [objectType.fwbootmgr, 'Firmware Boot Manager'],
  [objectType.bootmgr, 'Windows Boot Manager'],
  [objectType.firmwareApplication, 'Firmware Application (101fffff)'],
  [objectType.osloader, 'Windows Boot Loader'],
  [objectType.resume, 'Resume from Hibernate'],
  [objectType.memtest, 'Windows Memory Tester'],
  [objectType.ntldr, 'Windows Legacy OS Loader'],
  [objectType.bootSector, 'Real-mode Boot Sector'],
  [objectType.deviceOptions, 'Device options'],
]);

/** Titles of single objects, of the type that they should have. */
const byId: ReadonlyMap<string, { readonly title: string; readonly type: number }> = new Map(
  [
    { id: wellKnown.emssettings, type: objectType.inheritable, title: 'EMS Settings' },
    { id: wellKnown.dbgsettings, type: objectType.inheritable, title: 'Debugger Settings' },
    { id: wellKnown.badmemory, type: objectType.inheritable, title: 'RAM Defects' },
    { id: wellKnown.globalsettings, type: objectType.inheritable, title: 'Global Settings' },
    {
      id: wellKnown.bootloadersettings,
      type: objectType.inheritableByOsloader,
      title: 'Boot Loader Settings',
    },
    {
      id: wellKnown.hypervisorsettings,
      type: objectType.inheritableByOsloader,
      title: 'Hypervisor Settings',
    },
    {
      id: wellKnown.resumeloadersettings,
      type: objectType.inheritableByResume,
      title: 'Resume Loader Settings',
    },
    {
      id: wellKnown.ramdiskoptions,
      type: objectType.deviceOptions,
      title: 'Setup Ramdisk Options',
    },
  ].map(({ id, ...kind }) => [id, kind]),
);

const namesOfIds: ReadonlyMap<string, string> = new Map(
  Object.entries(wellKnown).map(([name, id]) => [id, name]),
);

/** The heading that bcdedit prints above an object. */
export function titleOf({ id, type }: { readonly id: string; readonly type: number }): string {
  const own = byId.get(id);
  if (own?.type === type) return own.title;
  return byType.get(type) ?? `Unknown (${type.toString(16).padStart(8, '0')})`;
}

/** The name that stands for a GUID, as `bootmgr`, or undefined. */
export function wellKnownName(id: string): string | undefined {
  return namesOfIds.get(id);
}
