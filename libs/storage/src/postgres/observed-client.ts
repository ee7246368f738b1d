import pg from 'pg';

/** Kinds of statements, by their first word. */
export type StatementKind = 'read' | 'insert' | 'update' | 'delete' | 'transaction' | 'notify' | 'other';

const KINDS: Readonly<Record<string, StatementKind>> = {
  select: 'read',
  with: 'other',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  start: 'transaction',
  begin: 'transaction',
  commit: 'transaction',
  rollback: 'transaction',
  savepoint: 'transaction',
  listen: 'notify',
  notify: 'notify',
};

export function kindOfStatement(text: string): StatementKind {
  const word = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase();
  return KINDS[word ?? ''] ?? 'other';
}

/** The driver's client, which tells of each statement before it is sent. For the pool of a data source. */
export function observedClient(onStatement: (kind: StatementKind) => void): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as (...given: unknown[]) => unknown;
      Object.assign(this, {
        query: (...given: unknown[]) => {
          onStatement(kindOfStatement(textOf(given[0])));
          return send(...given);
        },
      });
    }
  };
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const { text } = (statement ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}
