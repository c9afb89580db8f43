/** Writes docs/steps.md and docs/task-sequence.schema.json from the steps: `node scripts/write-step-docs.ts`. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { formatStepDocs } from '#agent/sequence/step-docs.ts';
import { steps } from '#agent/steps/index.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
await writeFile(`${docs}/steps.md`, formatStepDocs(steps));
await writeFile(`${docs}/task-sequence.schema.json`, formatJsonSchema(steps));
