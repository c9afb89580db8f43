/**
 * Yes and no in the languages of Windows. There is no other way here: diskpart and dism print these flags as
 * words only, and nothing else in their output tells which of the two a word is.
 */
const YES =
  'yes ja oui sí si sì sim はい 是 예 да так tak ano áno igen evet ναι נעם כן نعم da kyllä jah jā taip'.split(
    ' ',
  );
const NO =
  'no nein non não いいえ 否 아니요 아니오 нет ні nie ne nem hayır όχι לא لا nu nej nei nee ei nē не'.split(
    ' ',
  );

/** What a word for yes or no means; null for a word of a language not known here. */
export function yesOrNo(word: string): boolean | null {
  const text = word.trim().toLocaleLowerCase('en');
  if (YES.includes(text)) return true;
  return NO.includes(text) ? false : null;
}
