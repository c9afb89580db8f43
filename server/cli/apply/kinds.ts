import { collectionKind } from './collection.ts';
import { boundaryGroupKind, distributionPointKind } from './content.ts';
import { deploymentKindWith } from './deployment.ts';
import { deviceKind } from './device.ts';
import { type KindRun, openKind } from './kind.ts';
import { namingKind } from './naming.ts';
import { sequenceKind } from './sequence.ts';
import { applicationKind, programKind } from './software.ts';

/** All kinds, in an order in which they can be made: what is referred to comes first. */
export function openKinds(): readonly KindRun[] {
  const sequences = openKind(sequenceKind);
  const collections = openKind(collectionKind);
  return [
    openKind(distributionPointKind),
    openKind(boundaryGroupKind),
    openKind(programKind),
    openKind(applicationKind),
    sequences,
    openKind(deviceKind),
    collections,
    openKind(namingKind),
    openKind(deploymentKindWith({ sequences, collections })),
  ];
}
