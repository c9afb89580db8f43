import { type MapMdtStep, quietAccount, typed } from '../step-parts.ts';

/** LTIUpgrade: Windows Setup upgrades the running system from the media of an operating system. */
export const upgrade: MapMdtStep = (reader) => {
  quietAccount(reader);
  const guid =
    reader.text('OSGUID')?.trim() ??
    reader.context.sequence.globals
      .findLast(({ name, value }) => name.toLowerCase() === 'osguid' && value.trim() !== '')
      ?.value.trim();
  const name = guid === undefined ? undefined : reader.objectName('os-upgrade-package', guid);
  const media =
    name === undefined
      ? reader.required('os-upgrade-package', 'The operating system to upgrade to', 'OSGUID')
      : { name };
  return typed({ type: 'upgrade-os', params: { package: media } });
};
