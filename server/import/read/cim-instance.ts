import { childOf, childrenOf, type XmlElement } from './xml.ts';

/** An object of WMI as CIM-XML writes it: `<INSTANCE CLASSNAME="SMS_Package">`. */
export interface CimInstance {
  readonly className: string;
  /** Its properties with one value that is not empty, by their names as written. */
  readonly values: ReadonlyMap<string, string>;
  readonly element: XmlElement;
}

/** Reads an instance; properties of the system (`__PATH`) are left out. */
export function readInstance(element: XmlElement): CimInstance {
  const values = new Map<string, string>();
  for (const property of childrenOf(element, 'PROPERTY')) {
    const name = property.attributes['NAME'] ?? '';
    // A qualifier has a VALUE of its own: only the direct child is that of the property.
    const value = childOf(property, 'VALUE')?.text ?? '';
    if (name !== '' && !name.startsWith('__') && value.trim() !== '') values.set(name, value);
  }
  return { className: element.attributes['CLASSNAME'] ?? '', values, element };
}

/** The texts of an array property: `<PROPERTY.ARRAY NAME="…"><VALUE.ARRAY><VALUE>`. */
export function arrayOf({ element }: CimInstance, name: string): readonly string[] {
  const property = childrenOf(element, 'PROPERTY.ARRAY').find(
    ({ attributes }) => attributes['NAME'] === name,
  );
  const list = property === undefined ? undefined : childOf(property, 'VALUE.ARRAY');
  return list === undefined ? [] : childrenOf(list, 'VALUE').map(({ text }) => text);
}

/** The instances in an array of objects: `<PROPERTY.OBJECTARRAY NAME="References">`. */
export function objectsOf({ element }: CimInstance, name: string): readonly CimInstance[] {
  const property = childrenOf(element, 'PROPERTY.OBJECTARRAY').find(
    ({ attributes }) => attributes['NAME'] === name,
  );
  const list = property === undefined ? undefined : childOf(property, 'VALUE.OBJECTARRAY');
  return (list === undefined ? [] : childrenOf(list, 'VALUE.OBJECT')).flatMap((object) =>
    childrenOf(object, 'INSTANCE').map(readInstance),
  );
}
