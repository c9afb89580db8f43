import { readDocumentText } from '../document-text.ts';
import { TextFault } from '../documents/read/text-fault.ts';
import { CliError } from './cli-error.ts';
import { readDocumentFile } from './document-file.ts';

/** The value of a YAML or JSON file that is no task sequence. @throws {CliError} `cli.file`, `document.*` */
export async function readPlainDocument(file: string): Promise<unknown> {
  const { text } = await readDocumentFile(file);
  try {
    return readDocumentText(text).value;
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
    throw new CliError('document.text', `it is no YAML or JSON: ${error.message}`, {
      where: file,
      hint: 'Correct the place that the text names.',
      cause: error,
    });
  }
}
