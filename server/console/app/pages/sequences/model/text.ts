import { readDocumentText } from '../../../../../document-text.ts';
import { formatDocumentText } from '../../../../../documents/format-text.ts';
import { rewriteDocumentText } from '../../../../../documents/rewrite.ts';
import { editorText } from '../../../text/sequences.ts';
import {
  type EditNode,
  type EditSequence,
  formatNodes,
  formatSequence,
  isFields,
  readNodes,
  readSequence,
} from './tree.ts';

/** What a text was read into: the sequence, or why it is none. */
export type ReadText =
  | { readonly ok: true; readonly sequence: EditSequence }
  | { readonly ok: false; readonly message: string };

/** Reads the text of a document. Only its shape is looked at: what is wrong in it is the server's to say. */
export function readText(text: string, firstId = 1): ReadText {
  try {
    const sequence = readSequence(readDocumentText(text).value, { firstId, written: text });
    return sequence === null
      ? { ok: false, message: editorText.yaml.noSteps }
      : { ok: true, sequence };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The text for what a sequence is now: lines that say the same stay as they were written, comments too. */
export function textOf(sequence: EditSequence): string {
  const value = formatSequence(sequence);
  return sequence.written === ''
    ? formatDocumentText(value, { format: 'yaml' })
    : rewriteDocumentText(sequence.written, value);
}

/** Groups and steps as a text that can be pasted, here or into a file. */
export function clipboardText(nodes: readonly EditNode[]): string {
  return formatDocumentText({ steps: formatNodes(nodes) }, { format: 'yaml' });
}

/** Groups and steps out of a pasted text: a document, its `steps`, a list, or one node; null where there are none. */
export function pastedNodes(text: string): readonly EditNode[] | null {
  try {
    const { value } = readDocumentText(text);
    const list =
      isFields(value) && Array.isArray(value['steps']) && !('group' in value)
        ? value['steps']
        : Array.isArray(value)
          ? value
          : [value];
    return readNodes(list, () => 0);
  } catch {
    return null;
  }
}

/** A value as YAML, for what no form is made for. */
export function yamlOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return formatDocumentText(value, { format: 'yaml' });
}

/** A value out of YAML; null for nothing. */
export function readYamlValue(
  text: string,
):
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string } {
  if (text.trim() === '') return { ok: true, value: null };
  try {
    return { ok: true, value: readDocumentText(text).value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
