import { z } from 'zod';
import { chooseDrivers } from '#agent/drivers/choose.ts';
import type { DriverIndex } from '#agent/drivers/driver-index.ts';
import type { ContentObject } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import {
  joinActionVariables,
  listActionVariable,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { defineStep, StepError } from '#agent/sequence/step.ts';
import { addDriversTo } from './add-drivers.ts';
import { readDriverIndex } from './driver-package-index.ts';
import { isForMachine, packMachine } from './machine-pack.ts';
import { targetVolume } from './target-volume.ts';
import { textList } from './text-list.ts';
import { trueOrFalse } from './true-or-false.ts';
import { windowsOf } from './windows-of.ts';

const params = z.strictObject({
  bestMatch: trueOrFalse().default(true).meta({
    title: 'Install only the best matched compatible drivers',
    description: 'Otherwise all that are compatible, and Windows chooses.',
  }),
  categories: textList(z.string().trim().min(1).max(255), 1000).default([]).meta({
    title: 'Limit driver matching to drivers in selected categories',
    description: 'Drivers of any of these; without any, drivers of all categories.',
  }),
  ofModel: trueOrFalse().default(false).meta({
    title: 'Leave driver packs of other models out',
    description:
      'Chooses among the driver packs that are for this model, and packages that are for no model in particular.',
  }),
  allowUnsigned: trueOrFalse().default(false).meta({
    title:
      'Do unattended installation of unsigned drivers on versions of Windows where this is allowed',
    description: 'Before Windows Vista only.',
  }),
});

/** Auto Apply Drivers (reference: steps, section 4): drivers from the catalogue for the devices that are there. */
export const autoApplyDrivers = defineStep({
  type: 'auto-apply-drivers',
  title: 'Auto Apply Drivers',
  menu: 'drivers',
  help: 'Finds drivers in the catalogue for the devices of this machine and puts them into the operating system that was applied. Not on stand-alone media.',
  action: 'now',
  needs: ['windows'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    plainActionVariables({
      OSDAutoApplyDriverBestMatch: {
        param: 'bestMatch',
        type: 'boolean',
        schema: params.shape.bestMatch,
      },
      OSDAllowUnsignedDriver: {
        param: 'allowUnsigned',
        type: 'boolean',
        schema: params.shape.allowUnsigned,
      },
    }),
    listActionVariable('OSDAutoApplyDriverCategoryList', {
      param: 'categories',
      schema: params.shape.categories,
    }),
  ),
  references: () => [],
  async *run({ bestMatch, categories, ofModel, allowUnsigned }, context) {
    const { content, signal } = context;
    const volume = targetVolume(context);
    const windows = windowsOf(context.platform);
    if (content.driverPackages === undefined || content.part === undefined)
      throw new StepError('drivers.no-server', 'There is no server to choose drivers from', {
        hint: 'Use Apply Driver Package on stand-alone media.',
        exitCode: 0x80070032,
      });
    const { architecture, version, productType } = await windows.facts(volume, signal);
    const devices = await windows.devices(signal);
    const machine = ofModel ? await packMachine(context) : undefined;
    const candidates: Candidate[] = [];
    for (const packageId of content.driverPackages()) {
      yield { detail: `looking into ${content.manifest(packageId).name}` };
      const index = await readDriverIndex(packageId, context);
      if (machine !== undefined && !isForMachine(index.pack, machine, { architecture, version }))
        continue;
      candidates.push(...candidatesOf(packageId, index, categories));
    }
    const os = { architecture, version, productType };
    const chosen = chooseDrivers(devices, candidates, { os, bestMatch });
    context.log(
      `${chosen.length} of ${candidates.length} drivers are for this machine with ${devices.length} devices`,
    );
    const byPackage = new Map<PackageId, Map<string, ContentObject>>();
    for (const { driver, device, id } of chosen) {
      const { packageId, facts, files } = driver;
      const named = [facts.date, facts.version].filter((each) => each !== null).join(', ');
      context.log(`${facts.inf} of ${packageId} (${named}) for ${device.name}: ${id}`);
      const objects = byPackage.get(packageId) ?? new Map<string, ContentObject>();
      for (const file of files) objects.set(file.path, file);
      byPackage.set(packageId, objects);
    }
    for (const [packageId, objects] of byPackage) {
      yield { detail: `fetching drivers of ${content.manifest(packageId).name}` };
      const folder = await content.part(packageId, [...objects.values()], signal);
      const request = { volume, folder, recurse: true, unsigned: allowUnsigned, options: [] };
      yield* addDriversTo(context, request);
    }
    return {};
  },
  // oxlint-disable-next-line require-yield -- which drivers there are is the server's to say
  async *simulate({ bestMatch }, context) {
    context.log(`Would add ${bestMatch ? 'the best drivers' : 'all drivers'} for its devices`);
    return {};
  },
});

/** A driver that may be chosen, and the package that has it. */
type Candidate = DriverIndex['drivers'][number] & { readonly packageId: PackageId };

/** Drivers of a package that is of one of the categories. */
function candidatesOf(
  packageId: PackageId,
  index: DriverIndex,
  categories: readonly string[],
): Candidate[] {
  const wanted = new Set(categories.map((name) => name.toLowerCase()));
  const isWanted = index.categories.some((name) => wanted.has(name.toLowerCase()));
  if (wanted.size > 0 && !isWanted) return [];
  return index.drivers.map((driver) => ({ ...driver, packageId }));
}
