# shellcheck shell=dash
# What is said at the machine. Sourced by the loader, by the init of the rest, and by the bootstrap.

# Terminals that the kernel's own console= arguments name and that exist. tty0 is the visible
# screen; programs that own a screen use tty1.
find_terminals() {
  METALWRIGHT_TERMINALS=
  while read -r name _; do
    [ "$name" = tty0 ] && name=tty1
    if (: >"/dev/$name") 2>/dev/null; then
      METALWRIGHT_TERMINALS="${METALWRIGHT_TERMINALS:+$METALWRIGHT_TERMINALS,}/dev/$name"
    fi
  done </proc/consoles
  [ -n "$METALWRIGHT_TERMINALS" ] || METALWRIGHT_TERMINALS=/dev/console
  export METALWRIGHT_TERMINALS
}

# say TEXT...: one line on every terminal.
say() {
  say_ifs=$IFS
  IFS=,
  for say_terminal in $METALWRIGHT_TERMINALS; do
    IFS=$say_ifs
    printf '%s\r\n' "metalwright: $*" >"$say_terminal" 2>/dev/null
  done
  IFS=$say_ifs
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
