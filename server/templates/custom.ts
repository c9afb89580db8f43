import { customAnswers, customPage } from './pages/custom.ts';
import { generalAnswers, generalPage } from './pages/general.ts';
import { defineTemplate } from './template.ts';
import { group, step, variable } from './template-document.ts';

/** A custom task sequence: groups to fill, or a single command. */
export const custom = defineTemplate({
  name: 'custom',
  title: 'A custom task sequence',
  help: 'Groups to fill with steps of your own, or a single command.',
  pages: [generalPage, customPage],
  shape: { ...generalAnswers, ...customAnswers },
  document({ name, description = '', start, commandLine, package: files }) {
    const head = { name, description };
    if (start === 'command')
      return {
        ...head,
        steps: [
          step(
            'Run command',
            'run-command',
            {
              commandLine,
              ...(files === undefined ? {} : { package: { name: files } }),
            },
            {
              comment: 'No shell: write cmd.exe /c "..." or sh -c "..." for pipes and redirection.',
            },
          ),
        ],
      };
    const inPe = variable('_SMSTSInWinPE', 'equals', 'true');
    const inSystem = variable('_SMSTSInWinPE', 'equals', 'false');
    return {
      ...head,
      steps: [
        group(
          'In the PE',
          { comment: 'Add steps here: docs/task-sequences.md', condition: inPe },
          [],
        ),
        group('In the installed system', { condition: inSystem }, []),
      ],
    };
  },
});
