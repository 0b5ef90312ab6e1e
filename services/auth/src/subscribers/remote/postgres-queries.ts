/** The channel on which PostgreSQL tells of changes. */
export const changesChannel = 'rollcall_subscribers';

/** A statement that each connection prepares once, under its name. */
export interface Query {
  readonly name: string;
  readonly text: string;
}

/** One subscriber with its numbers and further AORs, in the columns of `SubscriberRow`. */
const columns = `
  s.username, s.domain, s.password, s.ha1, s.networks, s.watchers, s.state, s.moved_to,
  ARRAY(SELECT n.number FROM rollcall_numbers n
    WHERE n.domain = s.domain AND n.username = s.username ORDER BY n.number) AS numbers,
  ARRAY(SELECT a.aor FROM rollcall_aors a
    WHERE a.domain = s.domain AND a.username = s.username ORDER BY a.aor) AS aors`;

/** As a row comes from PostgreSQL; null is what is not there. */
export interface SubscriberRow {
  readonly username: string;
  readonly domain: string;
  readonly password: string | null;
  readonly ha1: unknown;
  readonly networks: string[] | null;
  readonly watchers: string[] | null;
  readonly state: string | null;
  readonly moved_to: string | null;
  readonly numbers: string[];
  readonly aors: string[];
}

/** A row found for one of many pairs of domain and user name; `at` counts those from 1. */
export interface FoundRow extends SubscriberRow {
  readonly at: number;
}

/** For $1 domains and $2 user names, which go in pairs. Names are asked for together: see question-batches.ts. */
export const findByNames: Query = {
  name: 'rollcall-find-by-names',
  text: `
  SELECT ask.at::int AS at, ${columns}
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS ask(domain, username, at)
  JOIN rollcall_subscribers s ON s.domain = ask.domain AND s.username = ask.username`,
};

/** In domain $2 by H(user name:domain) $3 of algorithm $1; the function has an index. */
export const findByNameHash: Query = {
  name: 'rollcall-find-by-name-hash',
  text: `
  SELECT ${columns} FROM rollcall_subscribers s
  WHERE s.domain = $2
    AND (rollcall_name_hash($1, s.username, s.domain) = $3
      OR rollcall_name_hash($1, s.username || '@' || s.domain, s.domain) = $3)
  LIMIT 16`,
};

/** By AOR $1: whose own it is, in domain $2 with one of the user names $3, and who else may register it. */
export const findByAor: Query = {
  name: 'rollcall-find-by-aor',
  text: `
  SELECT ${columns} FROM rollcall_subscribers s
  JOIN (
    SELECT domain, username FROM rollcall_subscribers WHERE domain = $2 AND username = ANY($3::text[])
    UNION
    SELECT domain, username FROM rollcall_aors WHERE aor = $1
  ) k ON k.domain = s.domain AND k.username = s.username
  LIMIT 16`,
};

/** By number $1. */
export const findByNumber: Query = {
  name: 'rollcall-find-by-number',
  text: `
  SELECT ${columns} FROM rollcall_subscribers s
  JOIN rollcall_numbers k ON k.domain = s.domain AND k.username = s.username
  WHERE k.number = $1
  LIMIT 16`,
};

/** True where a number goes on after $1: ":" follows the digits. */
export const hasLongerNumber: Query = {
  name: 'rollcall-has-longer-number',
  text: `
  SELECT EXISTS (
    SELECT FROM rollcall_numbers WHERE number > $1 COLLATE "C" AND number < ($1 || ':') COLLATE "C"
  ) AS exists`,
};

/** Each domain by one look into the index, however many subscribers it has. */
export const readDomains: Query = {
  name: 'rollcall-read-domains',
  text: `
  WITH RECURSIVE found AS (
    (SELECT domain FROM rollcall_subscribers ORDER BY domain LIMIT 1)
    UNION ALL
    SELECT (SELECT s.domain FROM rollcall_subscribers s WHERE s.domain > found.domain ORDER BY s.domain LIMIT 1)
    FROM found WHERE found.domain IS NOT NULL
  )
  SELECT domain FROM found WHERE domain IS NOT NULL LIMIT 10000`,
};

/** Networks of those who need no credentials. */
export const readTrustedNetworks: Query = {
  name: 'rollcall-read-trusted-networks',
  text: `
  SELECT DISTINCT s.domain, network
  FROM rollcall_subscribers s, unnest(s.networks) AS network
  WHERE s.password IS NULL AND s.ha1 IS NULL
  ORDER BY 1, 2 LIMIT 10000`,
};

export const countSubscribers: Query = {
  name: 'rollcall-count',
  text: 'SELECT count(*)::int AS count FROM rollcall_subscribers',
};
