import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { PagePath } from '../../page-paths.ts';

/** A page: what is loaded when somebody goes there, and whether the list of pages shows it. */
interface Page {
  readonly component: LazyExoticComponent<ComponentType<PageProps>>;
  /** Left out: another page leads there. */
  readonly group?: 'work' | 'content';
}

/** What a page is given: the parts of its address, `{ id }` of `/runs/:id`. */
export interface PageProps {
  readonly params: Readonly<Record<string, string>>;
}

const load = (find: () => Promise<ComponentType<PageProps>>) =>
  lazy(async () => ({ default: await find() }));

/** All pages, in the order in which they are shown. Each is a file of its own in the built console. */
export const pages: Readonly<Record<PagePath, Page>> = {
  '/': {
    group: 'work',
    component: load(async () => (await import('../pages/bench/page.tsx')).BenchPage),
  },
  '/devices': {
    group: 'work',
    component: load(async () => (await import('../pages/devices/page.tsx')).DevicesPage),
  },
  '/devices/:id': {
    component: load(async () => (await import('../pages/devices/device-page.tsx')).DevicePage),
  },
  '/collections': {
    group: 'work',
    component: load(async () => (await import('../pages/collections/page.tsx')).CollectionsPage),
  },
  '/collections/new': {
    component: load(
      async () => (await import('../pages/collections/new-page.tsx')).NewCollectionPage,
    ),
  },
  '/collections/:id': {
    component: load(
      async () => (await import('../pages/collections/collection-page.tsx')).CollectionPage,
    ),
  },
  '/deployments': {
    group: 'work',
    component: load(async () => (await import('../pages/deployments/page.tsx')).DeploymentsPage),
  },
  '/deployments/new': {
    component: load(
      async () => (await import('../pages/deployments/new-page.tsx')).NewDeploymentPage,
    ),
  },
  '/deployments/:id': {
    component: load(
      async () => (await import('../pages/deployments/deployment-page.tsx')).DeploymentPage,
    ),
  },
  '/runs': {
    group: 'work',
    component: load(async () => (await import('../pages/runs/page.tsx')).RunsPage),
  },
  '/runs/:id': {
    component: load(async () => (await import('../pages/runs/run-page.tsx')).RunPage),
  },
  '/network': {
    group: 'work',
    component: load(async () => (await import('../pages/network/page.tsx')).NetworkPage),
  },
  '/sequences': {
    group: 'content',
    component: load(async () => (await import('../pages/sequences/page.tsx')).SequencesPage),
  },
  '/sequences/:id': {
    component: load(async () => (await import('../pages/sequences/editor-page.tsx')).EditorPage),
  },
  '/content': {
    group: 'content',
    component: load(async () => (await import('../pages/content/page.tsx')).ContentPage),
  },
  '/boot-images': {
    group: 'content',
    component: load(async () => (await import('../pages/boot-images/page.tsx')).BootImagesPage),
  },
  '/media': {
    group: 'content',
    component: load(async () => (await import('../pages/media/page.tsx')).MediaPage),
  },
};
