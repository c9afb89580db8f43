# shellcheck shell=dash
# The bootstrap, frozen: what is said here is protocol and must be understood by every later server.
# See agent/protocol/bootstrap.ts. Needs METALWRIGHT_SERVER, METALWRIGHT_BOOT_BASE and
# METALWRIGHT_SITE_CA, and takes METALWRIGHT_SERVERS; leaves the agent in /run/metalwright/agent.

# Name in the server's certificate, whatever its address.
SITE_SERVER_NAME=agents.metalwright.invalid

# tls_get PATH FILE CURL-ARGUMENT...: from the agents' listener, the pinned site CA alone being trusted.
tls_get() {
  tls_path=$1
  tls_file=$2
  shift 2
  curl --silent --show-error --connect-timeout 10 --speed-limit 1 --speed-time 30 --noproxy '*' \
    --cacert "$METALWRIGHT_SITE_CA" --connect-to "$SITE_SERVER_NAME:443:$METALWRIGHT_SERVER" \
    --output "$tls_file" --write-out '%{http_code}' "$@" \
    "https://$SITE_SERVER_NAME$tls_path" 2>/run/metalwright/curl.log
}

# Which agent this site runs: hello_sha256, hello_path, hello_size, hello_compression, hello_time_ms.
hello() {
  hello_sha256='' hello_path='' hello_size='' hello_compression=none hello_time_ms=''
  code=$(tls_get '/bootstrap/v1/hello?arch=x64&env=linux-pe' /run/metalwright/hello --max-time 60)
  if [ "$code" != 200 ]; then
    bootstrap_reason="the server at $METALWRIGHT_SERVER gave no agent: $(hello_error "$code")"
    return 1
  fi
  while read -r key value; do
    case $key in
      agent-sha256) hello_sha256=$value ;;
      agent-path) hello_path=$value ;;
      agent-size) hello_size=$value ;;
      agent-compression) hello_compression=$value ;;
      server-time-ms) hello_time_ms=$value ;;
    esac
  done </run/metalwright/hello
  if [ -z "$hello_sha256" ] || [ -z "$hello_path" ] || [ -z "$hello_size" ]; then
    bootstrap_reason="the server's answer names no agent: $(head -c 200 /run/metalwright/hello)"
    return 1
  fi
}

hello_error() {
  if [ "$1" = 000 ] || [ -z "$1" ]; then
    tail -n 1 /run/metalwright/curl.log
  else
    echo "status $1, $(head -c 300 /run/metalwright/hello)"
  fi
}

# The object, resumed where an earlier try stopped: over plain HTTP first, which is cheap for the server
# and safe because its hash came over TLS; over TLS where plain HTTP fails.
fetch_agent() {
  object=/run/metalwright/agent.object
  [ -e "$object" ] && [ "$(stat -c %s "$object")" -gt "$hello_size" ] && rm -f "$object"
  if [ "$(stat -c %s "$object" 2>/dev/null)" != "$hello_size" ]; then
    curl --silent --show-error --fail --connect-timeout 10 --speed-limit 1 --speed-time 30 --noproxy '*' \
      --continue-at - --output "$object" "$METALWRIGHT_BOOT_BASE$hello_path" 2>/run/metalwright/curl.log \
      || tls_get "$hello_path" "$object" --fail --continue-at - >/dev/null \
      || { bootstrap_reason="fetching the agent: $(tail -n 1 /run/metalwright/curl.log)" && return 1; }
  fi
  got=$(sha256sum "$object" | cut -d ' ' -f 1)
  if [ "$got" != "$hello_sha256" ]; then
    rm -f "$object"
    bootstrap_reason="the agent is damaged or was changed on the way: SHA-256 is $got, must be $hello_sha256"
    return 1
  fi
}

unpack_agent() {
  case $hello_compression in
    none) cp "$object" /run/metalwright/agent ;;
    zstd) zstd -q -d -f -o /run/metalwright/agent "$object" 2>/run/metalwright/zstd.log ;;
    *) false ;;
  esac || {
    bootstrap_reason="the agent cannot be unpacked ($hello_compression): $(tail -n 1 /run/metalwright/zstd.log 2>/dev/null)"
    return 1
  }
  rm -f "$object"
  chmod 755 /run/metalwright/agent
}

# The clock of a bare machine may be years off; this server has just proved who it is.
set_clock() {
  case $hello_time_ms in
    '' | *[!0-9]*) ;;
    *) date -u -s "@$((hello_time_ms / 1000))" >/dev/null 2>&1 ;;
  esac
}

# The next server of the site takes the place of the one that did not answer, which becomes the last.
next_server() {
  next=${METALWRIGHT_SERVERS%%,*}
  [ -n "$next" ] || return 0
  rest=${METALWRIGHT_SERVERS#"$next"}
  rest=${rest#,}
  METALWRIGHT_SERVERS=${rest:+$rest,}$METALWRIGHT_SERVER
  METALWRIGHT_SERVER=$next
}

# Tries for ever; each try that fails says why.
bootstrap() {
  bootstrap_try=1
  METALWRIGHT_SERVERS=${METALWRIGHT_SERVERS:-}
  say "asking $METALWRIGHT_SERVER for the agent"
  until hello && fetch_agent && unpack_agent; do
    complain "$bootstrap_reason" "Try $bootstrap_try; next one in 5 seconds."
    bootstrap_try=$((bootstrap_try + 1))
    next_server
    sleep 5
  done
  set_clock
}
