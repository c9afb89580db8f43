import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Hot iron: shade 7 holds white text at 5.9:1, so what is filled is the same in both schemes. */
const forge: MantineColorsTuple = [
  '#fdf1e8',
  '#fae0cd',
  '#f4c19d',
  '#f0a672',
  '#f0935a',
  '#dd7433',
  '#c65c1d',
  '#a4470f',
  '#86390b',
  '#672b07',
];

/** One look for all pages: system fonts, quiet greys, one colour for what can be done. */
export const theme = createTheme({
  colors: { forge },
  primaryColor: 'forge',
  primaryShade: 7,
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem' },
      h2: { fontSize: '1.0625rem' },
      h3: { fontSize: '0.9375rem' },
    },
  },
});

/** Greys and states that hold 4.5:1 on each ground they stand on (WCAG 2.2, 1.4.3), and the grounds themselves. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f5f3',
    '--mantine-color-text': '#1d1b18',
    '--mantine-color-dimmed': '#5d5850',
    '--mantine-color-placeholder': '#6b655c',
    '--mantine-color-error': '#a3201c',
    '--mantine-color-anchor': '#8c3c0c',
    '--mantine-color-default-border': '#d3cfc8',
    '--panel': '#ffffff',
    '--panel-raised': '#faf9f7',
    '--line': '#dedbd6',
    '--code': '#f0eeea',
    '--good': '#1c6b38',
    '--good-soft': '#e2f3e7',
    '--warn': '#744900',
    '--warn-soft': '#fdf0d2',
    '--bad': '#a3201c',
    '--bad-soft': '#fde6e4',
    '--busy': '#1d549c',
    '--busy-soft': '#e3edfb',
    '--calm': '#5d5850',
    '--calm-soft': '#eeece8',
  },
  dark: {
    '--mantine-color-body': '#151412',
    '--mantine-color-text': '#efece7',
    '--mantine-color-dimmed': '#aba499',
    '--mantine-color-placeholder': '#9b9489',
    '--mantine-color-error': '#ff9c95',
    '--mantine-color-anchor': '#f0a672',
    '--mantine-color-default': '#282522',
    '--mantine-color-default-border': '#4a4540',
    '--panel': '#1f1d1b',
    '--panel-raised': '#262320',
    '--line': '#3a3632',
    '--code': '#2a2724',
    '--good': '#84d79f',
    '--good-soft': '#17341f',
    '--warn': '#f3c567',
    '--warn-soft': '#3b2d0e',
    '--bad': '#ff9c95',
    '--bad-soft': '#451c1a',
    '--busy': '#93bdf7',
    '--busy-soft': '#172c49',
    '--calm': '#b5aea3',
    '--calm-soft': '#2e2b28',
  },
});
