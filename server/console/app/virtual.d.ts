/** Mantine's variables of this theme, written when the console is built: no style is made in the page. */
declare module 'virtual:theme.css';
