import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { EmptyState } from '../parts/empty-state.tsx';
import { shellText } from '../text/shell.ts';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a page that breaks from taking the others along. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <EmptyState title={shellText.broken.title} text={shellText.broken.text} tone="bad">
        <pre>{error.message}</pre>
        <Button variant="default" onClick={() => this.setState({ error: null })}>
          {shellText.broken.again}
        </Button>
      </EmptyState>
    );
  }
}
