import type { Kysely } from 'kysely';
import { childReferences } from '../inventory/child-references.ts';
import { documentHasSecrets } from '../inventory/document-secrets.ts';
import { InventoryError } from '../inventory/error.ts';
import { pinSequence, readExpanded, resolveBy, unresolvedNames } from '../inventory/pin.ts';
import type { StoredChild } from '../inventory/read-children.ts';
import { disabledProblem, featureProblems } from '../inventory/sequence-problems.ts';
import { childFinder } from './child-finder.ts';
import { packages } from './packages.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';
import { standIns } from './wanted-packages.ts';

/** The document with its children and ids in it; what keeps the sequence from running is thrown. */
export async function pinDocument(db: Kysely<Tables>, sequence: StoredChild) {
  const { features } = await settings.get(db);
  const runsOthers = childReferences(JSON.parse(sequence.documentJson)).length > 0;
  const [problem] = [
    ...(sequence.disabled ? [disabledProblem(sequence.name)] : []),
    ...featureProblems({ name: sequence.name, runsOthers }, features),
  ];
  if (problem !== undefined)
    throw new InventoryError(
      problem.code,
      problem.message,
      problem.hint === undefined ? {} : { hint: problem.hint },
    );
  const expanded = readExpanded(sequence, await childFinder(db, sequence));
  const known = await packages.index(db);
  const unknown = await standIns(db, unresolvedNames(expanded, resolveBy(known)));
  const pinned = pinSequence(expanded, resolveBy([...known, ...unknown]));
  return { pinned, hasSecrets: documentHasSecrets(expanded) };
}
