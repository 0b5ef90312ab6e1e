import { domain } from '../fleet.ts';

/** What the configuration depends on. */
export interface KamailioSettings {
  readonly port: number;
  /** Folder with the table of passwords. */
  readonly tables: string;
  /** Path of the control socket. */
  readonly control: string;
  /** Redis to write bindings through to; undefined keeps them in memory only. */
  readonly redisPort: number | undefined;
}

/** Worker processes for UDP and for TCP: on two cores four are best in memory; waiting for Redis takes eight. */
const children = { memory: 4, redis: 8 };

/**
 * kamailio.cfg for a registrar and redirect server, and nothing else: the checks of the configuration that Kamailio
 * ships, digest with MD5, qop and nonce counts, the users' HA1 in a hash table in memory.
 */
export function formatKamailioConfig(settings: KamailioSettings): string {
  const { port, tables, control, redisPort } = settings;
  const workers = redisPort === undefined ? children.memory : children.redis;
  return `#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=${workers}
tcp_children=${workers}
tcp_connection_lifetime=3610
tcp_max_connections=4096
tcp_accept_no_cl=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}

loadmodule "corex.so"
loadmodule "kex.so"
loadmodule "ctl.so"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "maxfwd.so"
loadmodule "sanity.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "db_text.so"
${redisPort === undefined ? '' : 'loadmodule "db_redis.so"'}
loadmodule "htable.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"

modparam("ctl", "binrpc", "unix:${control}")
modparam("htable", "db_url", "text://${tables}")
modparam("htable", "htable", "ha1=>size=15;dbtable=ha1;")
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)
modparam("auth", "nonce_expire", 3600)
modparam("auth", "secret", "benchmark-secret-of-16-or-more")
modparam("usrloc", "hash_size", 15)
modparam("usrloc", "timer_interval", 60)
${redisPort === undefined ? 'modparam("usrloc", "db_mode", 0)' : redisParameters(redisPort)}
modparam("registrar", "default_expires", 3600)
modparam("registrar", "max_expires", 7200)
modparam("registrar", "max_contacts", 10)
modparam("registrar", "append_branches", 1)

request_route {
	force_rport();
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (!sanity_check("17895", "7")) exit;
	if (is_method("ACK")) exit;
	if (is_method("REGISTER")) {
		if (!pv_www_authenticate("${domain}", "$sht(ha1=>$au)", "1")) {
			www_challenge("${domain}", "1");
			exit;
		}
		if ($au != $tU) {
			sl_send_reply("403", "Forbidden");
			exit;
		}
		if (!save("location")) sl_reply_error();
		exit;
	}
	if (is_method("INVITE")) {
		if (!lookup("location")) {
			sl_send_reply("404", "Not Found");
			exit;
		}
		append_branch();
		sl_send_reply("302", "Moved Temporarily");
		exit;
	}
	sl_send_reply("405", "Method Not Allowed");
}
`;
}

function redisParameters(port: number): string {
  return `modparam("db_redis", "schema_path", "/usr/share/kamailio/db_redis/kamailio")
modparam("db_redis", "keys", "version=entry:table_name;location=entry:ruid&usrdom:username,domain&timer:partition,keepalive")
modparam("db_redis", "verbosity", 0)
modparam("usrloc", "db_url", "redis://127.0.0.1:${port}/0")
modparam("usrloc", "db_mode", 1)`;
}
