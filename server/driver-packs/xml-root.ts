import { readXml, type XmlElement } from '#media/xml/read-xml.ts';
import { XmlFault } from '#media/xml/xml-fault.ts';

/** A catalogue of all packs of a maker has a million elements and attributes. */
const MAX_PARTS = 5_000_000;

/** The element of an XML text, or undefined where it is none that can be read: other files of packs are XML too. */
export function rootOf(text: string): XmlElement | undefined {
  try {
    return readXml(text.replace(/^\ufeff/, ''), { left: MAX_PARTS }).root;
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}
