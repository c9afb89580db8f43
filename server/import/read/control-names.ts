import { childOf, type XmlElement } from './xml.ts';

/**
 * Adds the names of a list in the Control folder of MDT, `Applications.xml`, `OperatingSystems.xml`: each
 * element has a guid, and its name in an element `Name`.
 */
export function addControlNames(names: Map<string, string>, list: XmlElement): void {
  for (const element of list.children) {
    const id = element.attributes['guid']?.trim().toLowerCase();
    const name = childOf(element, 'Name')?.text.trim();
    if (id && name) names.set(id, name);
  }
}

/** Adds the names of sequences by their id, lower case, as `TaskSequences.xml` has them. */
export function addSequenceNames(names: Map<string, string>, list: XmlElement): void {
  for (const element of list.children) {
    const id = childOf(element, 'ID')?.text.trim().toLowerCase();
    const name = childOf(element, 'Name')?.text.trim();
    if (element.name === 'ts' && id && name) names.set(id, name);
  }
}
