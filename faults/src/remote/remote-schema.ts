/**
 * The remotes' side of the truth. `commits` sees every committed call, the second one of a doubled call too; `effects`
 * is what a remote keeps that honours idempotency keys. The product's user may only execute `remote_write`, so that
 * nothing it does can change the log. `switches` makes a remote fail; failures roll back, so a sequence counts them.
 */
export const REMOTE_SCHEMA = `
CREATE TABLE commits (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  remote text NOT NULL,
  call_key text NOT NULL,
  business_id text NOT NULL,
  order_key text NOT NULL,
  seq bigint NOT NULL,
  absorbed boolean NOT NULL,
  backend_user text NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX commits_business_idx ON commits (business_id);
CREATE TABLE effects (
  remote text NOT NULL,
  call_key text NOT NULL,
  business_id text NOT NULL,
  PRIMARY KEY (remote, call_key)
);
CREATE TABLE switches (
  remote text PRIMARY KEY,
  sqlstate text,
  share double precision NOT NULL DEFAULT 1,
  seconds double precision NOT NULL DEFAULT 0.3
);
INSERT INTO switches (remote) VALUES ('crm'), ('erp'), ('notes');
CREATE SEQUENCE refused_crm;
CREATE SEQUENCE refused_erp;
CREATE SEQUENCE refused_notes;

CREATE FUNCTION remote_write(remote text, call_key text, business_id text, order_key text, seq bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  switch switches%ROWTYPE;
  first_time boolean := true;
  result bigint;
BEGIN
  SELECT * INTO switch FROM switches WHERE switches.remote = remote_write.remote;
  IF switch.sqlstate IS NOT NULL AND random() < switch.share THEN
    PERFORM nextval('refused_' || remote_write.remote);
    RAISE EXCEPTION 'switched to fail' USING ERRCODE = switch.sqlstate;
  END IF;
  PERFORM pg_sleep(switch.seconds);
  IF remote_write.remote <> 'notes' THEN
    INSERT INTO effects VALUES (remote_write.remote, remote_write.call_key, remote_write.business_id)
      ON CONFLICT DO NOTHING;
    first_time := FOUND;
  END IF;
  INSERT INTO commits (remote, call_key, business_id, order_key, seq, absorbed)
    VALUES (remote_write.remote, remote_write.call_key, remote_write.business_id, remote_write.order_key,
            remote_write.seq, NOT first_time)
    RETURNING position INTO result;
  RETURN result;
END $$;
REVOKE ALL ON FUNCTION remote_write(text, text, text, text, bigint) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO erp_rw;
GRANT EXECUTE ON FUNCTION remote_write(text, text, text, text, bigint) TO erp_rw;
`;
