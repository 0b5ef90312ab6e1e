-- Where auth finds subscribers with AUTH_SUBSCRIBERS=postgres://…; see services/auth/README.md.
-- Run once, as the owner of the database: psql -v ON_ERROR_STOP=1 -f subscribers.sql
-- Whoever has tables of their own makes views of these names and columns, and tells of changes by NOTIFY (see the end).

BEGIN;

CREATE TYPE rollcall_subscriber_state AS ENUM ('active', 'blocked', 'gone', 'moved', 'ambiguous');

CREATE TABLE rollcall_subscribers (
  -- An IPv6 address stands in brackets, in the form of RFC 5952: [2001:db8::1].
  domain   text NOT NULL COLLATE "C"
           CHECK (domain = lower(domain) AND domain ~ '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$'),
  -- As sent in credentials: "alice", which with a password is also good as "alice@example.com".
  username text NOT NULL COLLATE "C" CHECK (username <> '' AND length(username) <= 255),
  -- Better: HA1, in which no password is kept.
  password text CHECK (password <> ''),
  -- {"SHA-256": "64 hexadecimal digits", "MD5": "32"}: H(username:domain:password) of each algorithm that is offered.
  ha1      jsonb CHECK (jsonb_typeof(ha1) = 'object'),
  -- Source networks (CIDR). Alone: accepted without credentials; with a password or HA1: both are needed.
  networks text[] NOT NULL DEFAULT '{}',
  -- AORs that may watch its registrations (RFC 3680).
  watchers text[] NOT NULL DEFAULT '{}',
  state    rollcall_subscriber_state NOT NULL DEFAULT 'active',
  moved_to text,
  PRIMARY KEY (domain, username),
  CHECK (password IS NULL OR ha1 IS NULL),
  CHECK (state = 'ambiguous' OR password IS NOT NULL OR ha1 IS NOT NULL OR networks <> '{}'),
  CHECK ((state = 'moved') = (moved_to IS NOT NULL))
);

-- Numbers (E.164) that lead to a subscriber, each to one.
CREATE TABLE rollcall_numbers (
  number   text COLLATE "C" PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{1,14}$'),
  domain   text NOT NULL COLLATE "C",
  username text NOT NULL COLLATE "C",
  FOREIGN KEY (domain, username) REFERENCES rollcall_subscribers ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX ON rollcall_numbers (domain, username);

-- Further AORs that a subscriber may register; an AOR may have several. Domain in lower case, no port, no parameters.
CREATE TABLE rollcall_aors (
  aor      text NOT NULL COLLATE "C" CHECK (aor ~ '^sip:[^@:;? ]+@[^A-Z@:;? ]+$'),
  domain   text NOT NULL COLLATE "C",
  username text NOT NULL COLLATE "C",
  PRIMARY KEY (aor, domain, username),
  FOREIGN KEY (domain, username) REFERENCES rollcall_subscribers ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX ON rollcall_aors (domain, username);

-- Those who are accepted by their network alone, of whom each challenge asks.
CREATE INDEX ON rollcall_subscribers (domain) WHERE password IS NULL AND ha1 IS NULL;

-- Phones that hash their user name (RFC 7616 userhash) are found by H(username:domain).
CREATE FUNCTION rollcall_name_hash(algorithm text, username text, domain text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE algorithm
    WHEN 'MD5' THEN md5(username || ':' || domain)
    WHEN 'SHA-256' THEN encode(sha256(convert_to(username || ':' || domain, 'UTF8')), 'hex')
  END
$$;
CREATE INDEX ON rollcall_subscribers (rollcall_name_hash('SHA-256', username, domain));
CREATE INDEX ON rollcall_subscribers (rollcall_name_hash('SHA-256', username || '@' || domain, domain));
CREATE INDEX ON rollcall_subscribers (rollcall_name_hash('MD5', username, domain));
CREATE INDEX ON rollcall_subscribers (rollcall_name_hash('MD5', username || '@' || domain, domain));

-- A change reaches every registrar within a second: NOTIFY names who changed, {"domain": …, "username": …}; without that, or
-- after a statement that changes more than fifty, all vectors are asked for anew.
CREATE FUNCTION rollcall_tell_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed record;
BEGIN
  IF (SELECT count(*) FROM (SELECT FROM touched LIMIT 51) AS first) > 50 THEN
    PERFORM pg_notify('rollcall_subscribers', '');
    RETURN NULL;
  END IF;
  FOR changed IN SELECT DISTINCT domain, username FROM touched LOOP
    PERFORM pg_notify('rollcall_subscribers', json_build_object('domain', changed.domain, 'username', changed.username)::text);
  END LOOP;
  RETURN NULL;
END
$$;

DO $$
DECLARE
  tab text;
BEGIN
  FOREACH tab IN ARRAY ARRAY['rollcall_subscribers', 'rollcall_numbers', 'rollcall_aors'] LOOP
    EXECUTE format('CREATE TRIGGER added AFTER INSERT ON %I REFERENCING NEW TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION rollcall_tell_changes()', tab);
    EXECUTE format('CREATE TRIGGER removed AFTER DELETE ON %I REFERENCING OLD TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION rollcall_tell_changes()', tab);
    -- As it was, for a name or a number that moves on, and as it is.
    EXECUTE format('CREATE TRIGGER changed_from AFTER UPDATE ON %I REFERENCING OLD TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION rollcall_tell_changes()', tab);
    EXECUTE format('CREATE TRIGGER changed_to AFTER UPDATE ON %I REFERENCING NEW TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION rollcall_tell_changes()', tab);
  END LOOP;
END
$$;

COMMIT;
