import { buildAndCapture } from './build-and-capture.ts';
import { custom } from './custom.ts';
import { install } from './install.ts';
import type { Template } from './template.ts';
import { upgrade } from './upgrade.ts';

/** Every template, in the order of the wizard. */
export const templates: readonly Template[] = [install, buildAndCapture, upgrade, custom];
