/** Words of the boot images of Windows PE. */
export const bootImagesText = {
  title: 'Boot images',
  text: 'Linux PE is made by this server. What machines start from besides is listed here.',
  list: 'Boot images of Windows PE',
  empty: {
    title: 'There is no Windows PE',
    text: 'Machines start from Linux PE, which this server makes itself. To start them from Windows PE, add the boot.wim of a Windows or its ISO:',
    command: 'metalwright boot-image add windows.iso --name "Windows PE"',
  },
  ready: 'ready',
  otherAgent: 'other agent',
  version: (id: string, version: number, size: string) => `${id}, version ${version}, ${size}`,
  system: (version: string, architecture: string, languages: string) =>
    `Windows PE ${version}, ${architecture}, ${languages || 'no language'}`,
  starts: (ways: string) => `starts ${ways}`,
  uefi: (signers: string) => `UEFI (signed by ${signers})`,
  bios: 'BIOS',
  and: ' and ',
  noComponents: 'no optional components',
  noDrivers: 'no drivers but those of Windows PE',
  drivers: (names: string) => `drivers ${names}`,
  agent: (version: string, isOutdated: boolean) =>
    `agent ${version}${isOutdated ? ', not the one that this server has: rebuild it' : ''}`,
  setFor: (whom: string) => `set for ${whom}`,
  setForNone: 'set for no machine; task sequences may name it',
  scopes: {
    all: 'all machines',
    unknown: 'unknown machines and those that wait',
    model: 'the model ',
    device: '',
  },
  rebuild: 'Rebuild',
  rebuildOf: (name: string) => `Rebuild ${name}`,
  rebuilt: (name: string, version: number) => `${name}: rebuilt as version ${version}`,
} as const;
