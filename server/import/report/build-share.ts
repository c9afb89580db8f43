import type {
  ShareApplication,
  ShareDriverGroup,
  ShareOperatingSystem,
  SharePackage,
} from '../mdt/share/inventory.ts';
import type { DeploymentShare } from '../mdt/share/read-share.ts';
import { hidePlainSecrets } from '../plain-secrets.ts';
import type { ShareItem, ShareReport } from './share-schema.ts';

/** The report of a deployment share: what it has, and what of it is missing. No secret is in it. */
export function shareReport(share: DeploymentShare): ShareReport {
  return {
    folder: share.folder,
    description: share.description,
    uncPath: share.uncPath,
    taskSequences: share.taskSequences.map(({ id, name, template, isEnabled }) => ({
      id,
      name,
      template,
      isEnabled,
    })),
    operatingSystems: share.operatingSystems.map(systemItem),
    applications: share.applications.map(applicationItem),
    packages: share.packages.map(packageItem),
    drivers: share.drivers,
    driverGroups: share.driverGroups.map(driverGroupItem),
    selectionProfiles: share.selectionProfiles.map(({ name, includes, excludes }) => ({
      name,
      includes: [...includes],
      excludes: [...excludes],
    })),
    rules: [...share.rules].map(([name, { sections, notes }]) => ({
      name,
      sections: sections.size,
      values: [...sections.values()].reduce((sum, { entries }) => sum + entries.size, 0),
      notes: notes.map(({ line, message }) => ({ line, message: hidePlainSecrets(message) })),
    })),
    linkedShares: [...share.linkedShares],
    media: [...share.media],
    scripts: share.scripts.scripts.map(({ path, description, findings }) => ({
      path,
      description,
      findings: findings.map(({ what }) => what),
    })),
    lookedAtScripts: share.scripts.looked,
    missing: [...share.missing],
  };
}

function systemItem(system: ShareOperatingSystem): ShareItem {
  const { name, imageFile, imageIndex, imageBytes, build, platform, languages } = system;
  const facts = [
    ...(imageIndex === null ? [] : [`image ${imageIndex}`]),
    ...[build, platform, languages].filter((fact) => fact !== ''),
  ];
  return { name, path: imageFile, sizeBytes: imageBytes, note: facts.join(', ') };
}

function applicationItem(application: ShareApplication): ShareItem {
  const { name, source, content, commandLine, dependencies, isEnabled, restarts } = application;
  const facts = [
    ...(isEnabled ? [] : ['disabled']),
    ...(commandLine === '' ? [] : [hidePlainSecrets(commandLine)]),
    ...(dependencies.length === 0 ? [] : [`after ${dependencies.join(', ')}`]),
    ...(restarts ? ['restarts after it'] : []),
    ...(content === null ? [] : [`${content.files}${content.isMore ? ' and more' : ''} files`]),
  ];
  return { name, path: source, sizeBytes: content?.bytes ?? null, note: facts.join('; ') };
}

function packageItem({ name, kind, source, isThere }: SharePackage): ShareItem {
  return { name, path: source, sizeBytes: null, note: isThere ? kind : `${kind}, not there` };
}

function driverGroupItem({ name, members, infFiles, missing }: ShareDriverGroup): ShareItem {
  const gone = missing === 0 ? '' : `, ${missing} of them not there`;
  return {
    name,
    path: '',
    sizeBytes: null,
    note: `${members} drivers${gone}, ${infFiles} INF files`,
  };
}
