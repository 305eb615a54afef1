# What the cases work with; sourced.

socket=/run/videogend/control.sock
videos=/srv/videogend/videos
key=simulator-key-3f9a61c2
api=18080

say() { echo "    ok: $*"; }
fail() { echo "    FAILED: $*" >&2; exit 1; }
equal() { # is, should be, what
    [ "$1" = "$2" ] || fail "$3: '$1' instead of '$2'"
}
eventually() { # seconds, what, command ...
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || fail "$what: not in time"
        sleep 0.1
    done
}
property() { systemctl show -P "$1" "${2:-videogend.service}"; }
is_active() { [ "$(property ActiveState "${1:-videogend.service}")" = active ]; }
as() { # user, command ...
    local user=$1
    shift
    setpriv --reuid="$user" --regid="$user" --init-groups env -i PATH="$PATH" HOME=/tmp "$@"
}

# ---- the remote API

simulator() { # METHOD, path, [body]
    local body=${3:-} line
    exec 9<>"/dev/tcp/127.0.0.1/$api"
    printf '%s /__simulator/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        "$1" "$2" ${#body} "$body" >&9
    while IFS= read -r line <&9 && [ "$line" != $'\r' ]; do :; done
    cat <&9
    exec 9>&-
}
charges() { simulator GET ledger | grep -o '"sequence"' | wc -l; }
no_double_charge() {
    simulator GET ledger | tr -d ' \n' | grep -q '"repeated_conversations":{}' || fail "a submission was charged twice"
}

# ---- the daemon

ctl() { as alice videogenctl "$@"; }
jobs_in() { # state: how many
    videogenctl --json status | grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$' | head -n 1
}
member() { # name: of the JSON on standard input, its first value
    grep -o "\"$1\": *\(\"[^\"]*\"\|[^,}]*\)" | head -n 1 | sed 's/^[^:]*: *//; s/^"//; s/"$//'
}
state_of() { videogenctl --json show "$1" | member state; }
configure() { # standard input: further YAML
    {
        echo "api: {base_url: 'http://127.0.0.1:$api', submit_per_minute: 6000, requests_per_second: 200}"
        echo "polling: {minimum: 200ms, maximum: 500ms}"
        cat
    } >/etc/videogend/videogend.yaml
}
give_key() {
    install -d -m 0700 /etc/credstore
    (umask 077; printf '%s\n' "$1" >/etc/credstore/nanogpt-api-key)
}
drop_in() { # name; standard input: the text
    mkdir -p /etc/systemd/system/videogend.service.d
    cat >"/etc/systemd/system/videogend.service.d/$1.conf"
    systemctl daemon-reload
}
# The journal of this case: arguments as for journalctl.
journal() { journalctl --quiet --no-pager --since="@$since" -u videogend.service "$@"; }
logged() { journal "$@" | grep -q .; }

prepare() { # once
    useradd --no-create-home alice && useradd --no-create-home mallory || return 1
    usermod --append --groups videogend,videogend-readers alice
    systemd-run --quiet --unit=simulator nanogpt-simulator --port $api --api-key "$key" \
        --balance 100000 --processing-seconds 0.5 --submit-per-minute 0 --recover-per-minute 0
    eventually 20 "the simulator answers" simulator GET ""
}

fresh() { # before each case
    systemctl stop videogend.socket videogend.service 2>/dev/null
    systemctl reset-failed 'videogend*' 2>/dev/null || true
    rm -rf /etc/systemd/system/videogend.service.d /etc/credstore.encrypted
    rm -rf /var/lib/videogend/* /srv/videogend/.staging/* "${videos:?}"/*
    configure </dev/null
    give_key "$key"
    systemctl daemon-reload
    simulator POST reset >/dev/null
    simulator POST settings '{"processing_seconds": 0.5, "submit_per_minute": 0, "recover_per_minute": 0}' >/dev/null
    simulator POST balance '{"usd": 100000}' >/dev/null
    since=$(date +%s.%6N)
    systemctl start videogend.socket
}
