import type { Page } from '../question.ts';
import { line } from './answer-text.ts';

/** Where the captured image goes, and what it says of itself. */
export const captureAnswers = {
  captureDestination: line(255)
    .regex(
      /^server:\s*\S|\.wim$/i,
      'is the path of a file that ends with .wim, or server: and the name of an image',
    )
    .meta({
      title: 'Captured image',
      description:
        'server:Reference makes it an OS image of the site; or a file, \\\\server\\share\\reference.wim',
    }),
  captureAccount: line(255).optional().meta({
    title: 'Account that writes it',
    description:
      'On a share: DOMAIN\\user. Its password is the secret variable OSDCaptureAccountPassword',
  }),
  imageDescription: line(255)
    .optional()
    .meta({ title: 'Description of the image', description: 'Kept in the WIM' }),
  imageVersion: line(32)
    .regex(/^[\w. -]*$/, 'is letters, digits, points and dashes')
    .optional()
    .meta({
      title: 'Version of the image',
      description: 'Kept in the WIM',
    }),
  imageCreator: line(255).optional().meta({ title: 'Created by', description: 'Kept in the WIM' }),
};

export const capturePage: Page = {
  title: 'Capture',
  help: 'Where the image goes that is made of the reference machine.',
  questions: [
    { answer: 'captureDestination' },
    { answer: 'captureAccount' },
    { answer: 'imageDescription' },
    { answer: 'imageVersion' },
    { answer: 'imageCreator' },
  ],
};

/** A share is not open to all. */
export function captureFaults({
  captureDestination,
  captureAccount,
}: {
  readonly captureDestination: string;
  readonly captureAccount?: string | undefined;
}): Readonly<Record<string, string | false>> {
  const isShare = captureDestination.startsWith('\\\\');
  return {
    captureAccount:
      isShare && captureAccount === undefined && 'is needed where the image goes to a share',
  };
}
