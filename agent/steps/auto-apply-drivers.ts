import { z } from 'zod';
import {
  joinActionVariables,
  listActionVariable,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { textList } from './text-list.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  bestMatch: trueOrFalse().default(true).meta({
    title: 'Install only the best matched compatible drivers',
    description: 'Otherwise all that are compatible, and Windows chooses.',
  }),
  categories: textList(z.string().trim().min(1).max(255), 1000).default([]).meta({
    title: 'Limit driver matching to drivers in selected categories',
    description: 'Drivers of any of these; without any, drivers of all categories.',
  }),
  allowUnsigned: trueOrFalse().default(false).meta({
    title:
      'Do unattended installation of unsigned drivers on versions of Windows where this is allowed',
    description: 'Before Windows Vista only.',
  }),
});

/** Auto Apply Drivers (reference: steps, section 4): drivers from the catalogue for the devices that are there. */
export const autoApplyDrivers = defineLaterStep({
  type: 'auto-apply-drivers',
  title: 'Auto Apply Drivers',
  menu: 'drivers',
  help: 'Finds drivers in the catalogue for the devices of this machine and puts them into the operating system that was applied. Not on stand-alone media.',
  needs: ['disk', 'process', 'query'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
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
});
