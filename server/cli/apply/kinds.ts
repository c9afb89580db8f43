import { collectionKind } from './collection.ts';
import { boundaryGroupKind, distributionPointKind } from './content.ts';
import { deploymentKind } from './deployment.ts';
import { deviceKind } from './device.ts';
import { type KindRun, openKind } from './kind.ts';
import { namingKind } from './naming.ts';
import { sequenceKind } from './sequence.ts';
import { applicationKind, programKind } from './software.ts';

/** All kinds, in an order in which they can be made: what is referred to comes first. */
export function openKinds(): readonly KindRun[] {
  return [
    openKind(distributionPointKind),
    openKind(boundaryGroupKind),
    openKind(programKind),
    openKind(applicationKind),
    openKind(sequenceKind),
    openKind(deviceKind),
    openKind(collectionKind),
    openKind(namingKind),
    openKind(deploymentKind),
  ];
}
