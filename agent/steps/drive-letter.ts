import { z } from 'zod';

/** A logical drive of Windows: `C:`. */
export const DriveLetter = z
  .string()
  .trim()
  .regex(/^[a-z]:$/i, 'is no drive letter, as in C:');
