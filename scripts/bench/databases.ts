import { z } from 'zod';

export const Database = z.enum(['sqlite', 'postgresql']);
export type Database = z.infer<typeof Database>;

/** One of them alone; both, where it is not set. */
const ONLY = Database.optional().parse(process.env['METALWRIGHT_BENCH_ON']);

/** Databases that a site is measured on. */
export const DATABASES: readonly Database[] = ONLY === undefined ? Database.options : [ONLY];
