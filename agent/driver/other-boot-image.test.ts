import { expect, it } from 'vitest';
import { ContentManifest } from '../protocol/content.ts';
import { PackageId } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import { otherBootImage } from './other-boot-image.ts';

const ID = PackageId.parse('MW100009');
const manifest = ContentManifest.parse({
  packageId: ID,
  version: 1,
  name: 'Windows PE',
  kind: 'boot-image',
  objects: [],
});
const named: Pick<RunGrant, 'bootImage' | 'content'> = {
  bootImage: ID,
  content: { [ID]: { kind: 'found', manifest, sources: [] } },
};
const none = { content: {} };
const pe = (name: string) =>
  ({ environment: 'winpe', bootImage: { name, architecture: 'x64' } }) as const;
const linux = { environment: 'linux-pe', bootImage: undefined } as const;

it.each([
  { what: 'the same Windows PE', grant: named, here: pe(' windows pe'), note: undefined },
  { what: 'Linux PE, and none named', grant: none, here: linux, note: undefined },
  {
    what: 'an older Windows PE, which does not say what it is',
    grant: named,
    here: { environment: 'winpe', bootImage: undefined } as const,
    note: undefined,
  },
  {
    what: 'an installed system',
    grant: named,
    here: { environment: 'full-os', bootImage: undefined } as const,
    note: undefined,
  },
  {
    what: 'a boot image that is missing on the server',
    grant: { bootImage: ID, content: {} },
    here: linux,
    note: undefined,
  },
  {
    what: 'another Windows PE',
    grant: named,
    here: pe('Old PE'),
    note: 'The task sequence is for the boot image "Windows PE" (MW100009), and the machine was started from "Old PE": the run goes on here, and a restart to the boot image starts "Windows PE" (MW100009)',
  },
  {
    what: 'Linux PE',
    grant: named,
    here: linux,
    note: expect.stringContaining(
      '"Windows PE" (MW100009), and the machine was started from Linux PE',
    ),
  },
  {
    what: 'Windows PE, where none is named',
    grant: none,
    here: pe('PE'),
    note: expect.stringContaining(
      'for the boot image Linux PE, and the machine was started from "PE"',
    ),
  },
])('is told of $what', ({ grant, here, note }) => {
  expect(otherBootImage(grant, here)).toEqual(note);
});
