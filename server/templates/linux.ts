import type { z } from 'zod';
import type { generalAnswers } from './pages/general.ts';
import type { imageAnswers, linuxAnswers } from './pages/image.ts';
import { destinationOf, partitionForLinux } from './parts/partition-disk.ts';
import { group, only, step, type TemplateDocument, variable } from './template-document.ts';

type Answers = z.output<
  z.ZodObject<typeof generalAnswers & typeof imageAnswers & typeof linuxAnswers>
>;

/** A Linux image: partition, apply, restart, and the commands that finish it. */
export function linuxDocument(answers: Answers): TemplateDocument {
  const { name, description = 'Installs a Linux image', image, index, partition } = answers;
  const { commands } = answers;
  return {
    name,
    description,
    platform: 'linux',
    steps: [
      group(
        'Install Operating System',
        { description: 'In the PE: everything on the disk is replaced' },
        [
          step(
            'Restart in the PE',
            'restart',
            { target: 'pe' },
            {
              description: 'Where it was started in an installed system',
              condition: variable('_SMSTSInWinPE', 'equals', 'false'),
            },
          ),
          ...partitionForLinux(partition),
          step(
            'Apply Operating System',
            'apply-image',
            { image: { name: image }, index, destination: destinationOf(partition) },
            { comment: 'Another image: its name, and which of those that the file holds.' },
          ),
          step(
            'Restart into the new system',
            'restart',
            { target: 'hd' },
            { description: 'The run goes on there with the next step' },
          ),
        ],
      ),
      ...only(
        commands.length > 0,
        group(
          'Setup Operating System',
          { description: 'In the installed system' },
          commands.map((commandLine, index) =>
            step(
              commands.length === 1 ? 'Run command' : `Run command ${index + 1}`,
              'run-command',
              { commandLine },
              index === 0
                ? { comment: 'No shell: write sh -c "..." for pipes and redirection.' }
                : {},
            ),
          ),
        ),
      ),
    ],
  };
}
