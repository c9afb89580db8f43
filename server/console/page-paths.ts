/**
 * Addresses of the console's pages, `:id` for what is looked at. The server answers each with the page, and the
 * page's own table (`app/shell/pages.ts`) has an entry for each.
 */
export const pagePaths = [
  '/',
  '/devices',
  '/devices/:id',
  '/runs',
  '/runs/:id',
  '/network',
  '/content',
  '/boot-images',
] as const;

export type PagePath = (typeof pagePaths)[number];
