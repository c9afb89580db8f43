import { expect, it } from 'vitest';
import { passwordProblem } from './password-rules.ts';

it.each([
  ['short', 'a password has at least 12 characters, this one 5'],
  ['x'.repeat(257), 'a password has at most 256 characters'],
  ['jane.author1', 'the password is little more than the name'],
  ['aaaaaaaaaaaaaa', 'the password is one or two characters over and over'],
  ['Password-1234', 'the password is one of the commonest, which are tried first'],
  ['Correct Horse Battery Staple', 'the password is one of the commonest, which are tried first'],
  ['1q2w3e4r5t6y', 'the password is one of the commonest, which are tried first'],
])('refuses %s', (password, problem) => {
  expect(passwordProblem(password, 'Jane Author')).toBe(problem);
});

it.each(['only lower case letters', 'ねこがにわでねているときどき', 'janeauthor keeps forty mice'])(
  'asks for no mixture of characters: %s',
  (password) => expect(passwordProblem(password, 'Jane Author')).toBeUndefined(),
);
