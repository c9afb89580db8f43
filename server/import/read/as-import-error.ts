import { XmlFault, type XmlFaultKind } from '#media/xml/xml-fault.ts';
import { ImportError } from '../import-error.ts';

const codes: Readonly<Record<XmlFaultKind, string>> = {
  'not-text': 'import.not-text',
  encoding: 'import.encoding',
  'not-well-formed': 'import.xml',
  doctype: 'import.xml-doctype',
  'too-deep': 'import.xml-depth',
  'too-large': 'import.xml-size',
};

/**
 * What `read` gives; a fault of its text is told with the name of the file that it is from.
 * @throws {ImportError} `import.not-text`, `import.encoding`, `import.xml*`
 */
export function asImportError<Result>(from: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    const { kind, message, hint, position } = error;
    throw new ImportError(codes[kind], `${from}: ${message}`, {
      position,
      cause: error.cause ?? error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
