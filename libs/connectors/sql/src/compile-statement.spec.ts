import { describe, expect, it } from '@jest/globals';
import { compileStatement } from './compile-statement.js';

describe('compileStatement, refusals', () => {
  it.each([
    'CREATE TABLE t (id int)',
    'DROP TABLE t',
    'TRUNCATE t',
    'GRANT ALL ON t TO PUBLIC',
    'COMMIT',
    'BEGIN',
    'SET ROLE erp_owner',
    "COPY t FROM PROGRAM 'id'",
    'CALL p()',
    'DO $$ BEGIN END $$',
    'EXPLAIN ANALYZE DELETE FROM t',
    '-- SELECT\nVACUUM',
    '',
    ';',
  ])('%s is no statement of an operation', (sql) => {
    expect(compileStatement(sql)).toMatchObject({
      problem: { message: 'this kind of statement is not allowed' },
    });
  });

  it.each(['SELECT 1; DROP TABLE t', "SELECT ';' ; /* x */ ; SELECT 2", 'SELECT 1;;'])(
    '%s is more than one',
    (sql) => {
      expect(compileStatement(sql)).toMatchObject({ problem: { message: 'more than one statement' } });
    },
  );

  it.each(['SELECT * INTO copy FROM t', 'WITH x AS (SELECT 1) SELECT * INTO t FROM x'])(
    '%s creates a table',
    (sql) => {
      expect(compileStatement(sql)).toMatchObject({
        problem: { message: '`SELECT … INTO` creates a table' },
      });
    },
  );
});

describe('compileStatement', () => {
  it('numbers parameters by path, in order of appearance', () => {
    expect(compileStatement('UPDATE t SET a = :a, b = :b.c::int WHERE a <> :a;')).toEqual({
      statement: { text: 'UPDATE t SET a = $1, b = $2::int WHERE a <> $1', parameters: ['a', 'b.c'] },
    });
  });

  it.each([
    'INSERT INTO t VALUES (1)',
    'with x as (select 1) insert into t select * from x',
    'MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE',
  ])('takes %s', (sql) => {
    expect(compileStatement(sql)).toHaveProperty('statement');
  });
});
