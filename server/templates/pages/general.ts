import type { Page } from '../question.ts';
import { line } from './answer-text.ts';

/** Name and description of the task sequence. */
export const generalAnswers = {
  name: line(256).meta({ title: 'Name', description: 'What the task sequence is called' }),
  description: line(4000)
    .optional()
    .meta({ title: 'Description', description: 'What it is for, for whoever chooses it' }),
};

export const generalPage: Page = {
  title: 'Task sequence',
  help: 'How it is called.',
  questions: [{ answer: 'name' }, { answer: 'description' }],
};
