# shellcheck shell=bash
# Private database servers for tests: the one place that finds, starts, restarts and stops them.
#
#   source tests/servers.sh               gives the functions find_postgres, find_mariadb and find_pgbouncer
#   bash tests/servers.sh serve postgres [name=value...]
#   bash tests/servers.sh serve mariadb  [name=value...]
#   bash tests/servers.sh serve pgbouncer [name=value...]     in front of the server in PGHOST, PGPORT, ...
#   bash tests/servers.sh serve standby   [name=value...]     a replica of the server in PGHOST, PGPORT, ...
#
# `serve` makes a folder under ${TMPDIR:-/tmp}, starts a server in it and obeys the lines it reads:
# `stop` (orderly), `kill` (SIGKILL) and `start`. It answers each with one line: `ready URL`, `stopped`
# or `failed REASON`; the first answer comes without being asked, and the line before it is `folder PATH`.
# At the end of its input it stops the server and removes the folder, so whoever holds the other end
# of the pipe leaves nothing behind, even when killed. name=value are settings of the server.

# The newest PostgreSQL that has server programs, 15 or later, as MIGRATE_TEST_PG_BIN.
find_postgres() {
    local dir major
    for dir in ${MIGRATE_TEST_PG_BIN:+"$MIGRATE_TEST_PG_BIN"} \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn) \
        "$(pg_config --bindir 2>/dev/null)" "$(dirname "$(command -v initdb 2>/dev/null)")"; do
        [[ -x $dir/initdb && -x $dir/postgres && -x $dir/psql && -x $dir/pg_dump ]] || continue
        major=$("$dir/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        ((major >= 15)) || continue
        export MIGRATE_TEST_PG_BIN=$dir
        return 0
    done
    return 1
}

# The folder of the MariaDB client programs as MIGRATE_TEST_MARIADB_BIN; the server program is
# often elsewhere (/usr/sbin) and goes into MIGRATE_TEST_MARIADBD.
find_mariadb() {
    local client server
    client=${MIGRATE_TEST_MARIADB_BIN:-$(dirname "$(command -v mariadb-dump 2>/dev/null || echo /)")}
    [[ -x $client/mariadb && -x $client/mariadb-dump ]] || return 1
    export MIGRATE_TEST_MARIADB_BIN=$client
    for server in ${MIGRATE_TEST_MARIADBD:+"$MIGRATE_TEST_MARIADBD"} \
        "$(command -v mariadbd 2>/dev/null)" "$client/mariadbd" "${client%/bin}/sbin/mariadbd"; do
        [[ -x $server ]] || continue
        [[ -x $client/mariadb-install-db && -x $client/mariadb-admin ]] || return 1
        export MIGRATE_TEST_MARIADBD=$server
        return 0
    done
    return 1
}

find_standby() { find_postgres; }

find_pgbouncer() {
    local program
    find_postgres || return 1
    for program in "${MIGRATE_TEST_PGBOUNCER:-}" "$(command -v pgbouncer 2>/dev/null)" /usr/sbin/pgbouncer; do
        [[ -x $program ]] && export MIGRATE_TEST_PGBOUNCER=$program && return 0
    done
    return 1
}

# Servers refuse to run as root; `nobody` exists everywhere and owns nothing of the system's clusters.
readonly SERVER_USER=nobody
as_server_user() {
    export HOME=$folder TMPDIR=$folder
    if ((EUID == 0)); then
        exec setpriv --reuid="$SERVER_USER" --regid="$(id -g "$SERVER_USER")" --clear-groups "$@"
    else
        exec "$@"
    fi
}

# Writes a file of the folder that only the server's user may read. Usage: keep_secret NAME TEXT
keep_secret() {
    (umask 077 && echo "$2" >"$folder/$1") && { ((EUID != 0)) || chown "$SERVER_USER" "$folder/$1"; }
}

# A port nobody answers on, below the range from which systems take ports for outgoing connections.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo $port
}

# Each server kind has three functions: make the data folder, the command line that runs the
# server in the foreground (in `command`), and whether it answers. All use the globals of `serve`.
# Speed comes from not waiting for the disk. What a process has committed still survives SIGKILL
# (it is in the system's cache), and nothing that a statement can see is changed.
make_postgres() {
    local locale=C
    locale -a 2>/dev/null | grep -qiE '^C\.utf-?8$' && locale=C.UTF-8
    keep_secret password "$password"
    (as_server_user "$MIGRATE_TEST_PG_BIN/initdb" --pgdata="$folder/data" --username="$user" --pwfile="$folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=$locale --no-sync --no-instructions)
}
command_postgres() {
    local setting
    command=("$MIGRATE_TEST_PG_BIN/postgres" -D "$folder/data" -p "$port" -k "$folder"
        -c listen_addresses=127.0.0.1 -c max_connections=300
        -c fsync=off -c full_page_writes=off)
    for setting in "${settings[@]}"; do command+=(-c "$setting"); done
}
answers_postgres() { "$MIGRATE_TEST_PG_BIN/pg_isready" -q -h "$folder" -p "$port" -t 2; }
url_postgres() { echo "postgres://$user:$password@127.0.0.1:$port/postgres"; }

# A replica of the server that PGHOST, PGPORT, PGUSER and PGPASSWORD name.
make_standby() {
    user=$PGUSER password=$PGPASSWORD
    (as_server_user "$MIGRATE_TEST_PG_BIN/pg_basebackup" --pgdata="$folder/data" --write-recovery-conf \
        --wal-method=stream --checkpoint=fast --no-sync)
}
command_standby() { command_postgres; }
answers_standby() { answers_postgres; }
url_standby() { url_postgres; }

make_mariadb() {
    # root may then come in only through the socket, as the user that owns the server.
    (as_server_user "$MIGRATE_TEST_MARIADB_BIN/mariadb-install-db" --no-defaults --datadir="$folder/data" \
        --auth-root-authentication-method=socket --skip-test-db --skip-name-resolve) || return 1
    # Run at every start, with all rights, before the first connection is accepted.
    keep_secret init.sql "CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$password';
        GRANT ALL PRIVILEGES ON *.* TO '$user'@'%' WITH GRANT OPTION;"
    keep_secret ping.cnf "$(printf '[client]\nuser=%s\npassword=%s\nsocket=%s' "$user" "$password" "$folder/socket")"
}
command_mariadb() {
    local setting
    # utf8mb4 is what distributions configure; the server's own default would be latin1.
    command=("$MIGRATE_TEST_MARIADBD" --no-defaults --datadir="$folder/data" --port="$port" --socket="$folder/socket"
        --bind-address=127.0.0.1 --max-connections=300 --init-file="$folder/init.sql" --pid-file="$folder/pid"
        --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci
        --innodb-flush-log-at-trx-commit=2 --innodb-flush-method=nosync --innodb-doublewrite=OFF)
    for setting in "${settings[@]}"; do command+=("--$setting"); done
}
answers_mariadb() { "$MIGRATE_TEST_MARIADB_BIN/mariadb-admin" --defaults-file="$folder/ping.cnf" --connect-timeout=2 --silent ping; }
url_mariadb() { echo "mysql://$user:$password@127.0.0.1:$port/mysql"; }

# A pooler in front of the server that PGHOST, PGPORT, PGUSER and PGPASSWORD name, for every database of it.
make_pgbouncer() {
    user=$PGUSER password=$PGPASSWORD
    keep_secret users "\"$user\" \"$password\""
}
command_pgbouncer() {
    keep_secret pgbouncer.ini "$(printf '%s\n' '[databases]' \
        "* = host=$PGHOST port=$PGPORT" '[pgbouncer]' \
        listen_addr=127.0.0.1 "listen_port=$port" "unix_socket_dir=$folder" \
        auth_type=scram-sha-256 "auth_file=$folder/users" "${settings[@]}")"
    command=("$MIGRATE_TEST_PGBOUNCER" -q "$folder/pgbouncer.ini")
}
answers_pgbouncer() { "$MIGRATE_TEST_PG_BIN/pg_isready" -q -h "$folder" -p "$port" -t 2; }
url_pgbouncer() { echo "postgres://$user:$password@127.0.0.1:$port/postgres"; }

# The signal that ends a server without waiting for its clients to leave.
stop_signal() {
    case $kind in
    postgres | standby) echo INT ;;
    mariadb) echo TERM ;;
    # No signal does so in every version, and it holds nothing that an orderly end would keep.
    pgbouncer) echo KILL ;;
    esac
}

alive() { [[ -n $server ]] && kill -0 "$server" 2>/dev/null; }

# Starts the server and answers `ready URL`. Another program may take the port first, and a killed
# server's children may hold the data folder for a moment: so it tries again before it says `failed`.
start() {
    local attempt deadline
    for attempt in 1 2 3 4 5 6; do
        # The port stays the same over restarts: clients hold it.
        [[ -n $port ]] || port=$(free_port)
        "command_$kind"
        # A process group of its own: Ctrl-C reaches the tests, and the server ends after them.
        set -m
        (as_server_user "${command[@]}") >>"$folder/log" 2>&1 </dev/null &
        server=$!
        # A disowned job dies without a message from the shell.
        disown
        set +m
        deadline=$((SECONDS + 60))
        while alive && ((SECONDS < deadline)); do
            "answers_$kind" >/dev/null 2>&1 && answered=1 && echo "ready $("url_$kind")" && return
            sleep 0.05
        done
        halt KILL
        ((answered)) || port=
        sleep "0.$attempt"
    done
    echo "failed the server did not start; its last words: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
}

# Ends the server with a signal, with SIGKILL if it takes longer than half a minute.
halt() {
    local deadline=$((SECONDS + 30)) signal=$1
    while alive; do
        kill -"$signal" "$server" 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10; do alive && sleep 0.02; done
        ((SECONDS < deadline)) || signal=KILL
        # A second signal could change the meaning of the first; only wait.
        [[ $signal == KILL ]] || while alive && ((SECONDS < deadline)); do sleep 0.05; done
    done
    server=
}

clean_up() {
    halt "$(stop_signal)"
    cd / && rm -rf "$folder"
}

serve() {
    kind=$1 user=migrate server='' port='' answered=0
    shift
    settings=("$@")
    # Ctrl-C in a terminal reaches this process too; the end of the input is what ends it.
    trap '' INT HUP
    "find_$kind" || { echo "failed no $kind programs found" && return 1; }
    folder=$(mktemp -d "${TMPDIR:-/tmp}/migrate-$kind.XXXXXX") || return 1
    trap clean_up EXIT
    trap 'exit 143' TERM
    cd "$folder" || return 1
    password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    if ((EUID == 0)); then
        chown "$SERVER_USER" "$folder"
        if ! (as_server_user test -x "$folder/."); then
            echo "failed the user $SERVER_USER cannot reach $folder; set TMPDIR to a folder that everyone may enter"
            return 1
        fi
    fi
    echo "folder $folder"
    if ! "make_$kind" >"$folder/make.log" 2>&1; then
        echo "failed no data folder could be made: $(tail -n 3 "$folder/make.log" | tr '\n' ' ')"
        return 1
    fi
    start
    local line
    while read -r line; do
        case $line in
        stop) halt "$(stop_signal)" && echo stopped ;;
        kill) halt KILL && echo stopped ;;
        start) start ;;
        *) echo "failed unknown command '$line'" ;;
        esac
    done
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -u
    case ${1:-}:${2:-} in
    serve:postgres | serve:standby | serve:mariadb | serve:pgbouncer) serve "${@:2}" ;;
    *) echo "usage: servers.sh serve postgres|standby|mariadb|pgbouncer [name=value...]" >&2 && exit 2 ;;
    esac
fi
