/** Writes docs/variables.md from the catalogue of variables: `node scripts/write-variable-docs.ts`. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatVariableDocs } from '#agent/sequence/variable-catalog/markdown.ts';

const path = fileURLToPath(new URL('../docs/variables.md', import.meta.url));
await writeFile(path, formatVariableDocs());
