/**
 * Addresses of the console's pages, `:id` for what is looked at. The server answers each with the page, and the
 * page's own table (`app/shell/pages.tsx`) has an entry for each.
 */
export const pagePaths = [
  '/',
  '/devices',
  '/devices/:id',
  '/collections',
  '/collections/new',
  '/collections/:id',
  '/deployments',
  '/deployments/new',
  '/deployments/:id',
  '/runs',
  '/runs/:id',
  '/network',
  '/sequences',
  '/sequences/:id',
  '/content',
  '/boot-images',
  '/media',
] as const;

export type PagePath = (typeof pagePaths)[number];
