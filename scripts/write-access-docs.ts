import { writeFile } from 'node:fs/promises';
import { formatAccessDocs } from '#server/http/access-docs.ts';
import { accessMatrix } from '#server/http/access-matrix.ts';

/** Writes docs/access.md from the access matrix. */
await writeFile(new URL('../docs/access.md', import.meta.url), formatAccessDocs(accessMatrix));
