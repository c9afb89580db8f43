import { z } from 'zod';
import { PackageView } from '../http/api.ts';
import { FilePackageView } from '../http/api-packages.ts';
import type { Question } from '../templates/question.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { findByName } from './find-by-name.ts';

type Answers = Readonly<Record<string, unknown>>;
/** What somebody has chosen, or why it cannot be. */
type Choice = { readonly value: unknown } | { readonly problem: string };

/** What the server has to choose from. */
export interface Offers {
  /** Lines to show before a question; empty where there is nothing to choose from. */
  list(question: Question, answers: Answers): string;
  /** What the text means; undefined where the server has no word in it. */
  choose(question: Question, text: string, answers: Answers): Choice | undefined;
}

/** Asks the server for its images and packages. */
export async function readOffers(api: ApiClient): Promise<Offers> {
  const images = await api.call('GET', '/images', z.array(PackageView));
  const packages = await api.call('GET', '/packages', z.array(FilePackageView));
  const offered = ({ reference }: Question): readonly { id: string; name: string }[] | undefined =>
    reference === undefined ? undefined : reference === 'os-image' ? images : packages;
  const imagesOf = ({ image }: Answers): PackageView['images'] =>
    images.find(({ name }) => name === image)?.images ?? [];
  return {
    list(question, answers) {
      const lines =
        question.answer === 'index'
          ? imagesOf(answers).map(({ index, name, kind }) => `${index}  ${name} (${kind})`)
          : (offered(question) ?? []).map(({ id, name }) => `${name}  (${id})`);
      return lines.map((line) => `  ${line}\n`).join('');
    },
    choose(question, text, answers) {
      const items = offered(question);
      if (items !== undefined) return chooseItem(items, text, question);
      const held = question.answer === 'index' ? imagesOf(answers) : [];
      if (held.length === 0) return undefined;
      const found = held.find(
        ({ index, name }) => String(index) === text || name.toLowerCase() === text.toLowerCase(),
      );
      if (found !== undefined) return { value: found.index };
      const names = held.map(({ index, name }) => `${index} "${name}"`).join(', ');
      return { problem: `the image has no ${JSON.stringify(text)}; it has ${names}` };
    },
  };
}

function chooseItem(
  items: readonly { id: string; name: string }[],
  text: string,
  { reference }: Question,
): Choice {
  const what = reference === 'os-image' ? 'image' : 'package';
  try {
    const { name } = findByName(items, text, {
      what,
      listCommand: `metalwright ${what} list`,
      names: ({ id, name }) => [id, name],
      label: ({ name }) => JSON.stringify(name),
    });
    return { value: name };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { problem: [error.message, error.hint].filter(Boolean).join('; ') };
  }
}
