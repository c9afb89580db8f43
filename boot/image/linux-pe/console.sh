# shellcheck shell=dash
# What is said at the machine. Sourced by the loader, by the init of the rest, and by the bootstrap.

# Terminals that the kernel's own console= arguments name and that exist. tty0 is the visible
# screen; programs that own a screen use tty1.
find_terminals() {
  METALWRIGHT_TERMINALS=
  while read -r name _; do
    [ "$name" = tty0 ] && name=tty1
    # shellcheck disable=SC2016 # expanded by the inner shell
    if timeout 3 sh -c ': >"$1"' find "/dev/$name" 2>/dev/null; then
      METALWRIGHT_TERMINALS="${METALWRIGHT_TERMINALS:+$METALWRIGHT_TERMINALS,}/dev/$name"
    fi
  done </proc/consoles
  [ -n "$METALWRIGHT_TERMINALS" ] || METALWRIGHT_TERMINALS=/dev/console
  export METALWRIGHT_TERMINALS
}

# say TEXT...: one line on every terminal. One that takes nothing for 3 seconds (a serial line with flow
# control and nobody there) is said no more to: the machine must not wait for it.
say() {
  say_ifs=$IFS
  say_taking=
  IFS=,
  for say_terminal in $METALWRIGHT_TERMINALS; do
    IFS=$say_ifs
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout 3 sh -c 'printf "%s\r\n" "$1" >"$2"' say "metalwright: $*" "$say_terminal" 2>/dev/null
    case $? in
      124 | 137 | 143) ;; # by coreutils, SIGKILL, busybox
      *) say_taking="${say_taking:+$say_taking,}$say_terminal" ;;
    esac
  done
  IFS=$say_ifs
  METALWRIGHT_TERMINALS=${say_taking:-/dev/null}
}

# complain TITLE LINE...: a failure, set apart so that it is found on a full screen.
complain() {
  complain_title=$1
  shift
  say "------------------------------------------------------------"
  say "PROBLEM: $complain_title"
  for complain_line in "$@"; do say "  $complain_line"; done
  say "------------------------------------------------------------"
}

# argument NAME: value of NAME=value on the kernel's command line; nothing when it is not there.
argument() {
  for argument_word in $(cat /proc/cmdline); do
    case $argument_word in
      "$1="*) printf '%s\n' "${argument_word#*=}" ;;
    esac
  done | tail -n 1
}

# Host and port as URLs want them: an IPv6 address in brackets.
url_host() {
  case $1 in
    *:*) printf '[%s]' "$1" ;;
    *) printf '%s' "$1" ;;
  esac
}
