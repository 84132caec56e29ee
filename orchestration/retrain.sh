#!/bin/sh
# Looks at a model in use. Where a new one would surely be better it trains one and has it judged; where that
# is promoted it scores with it and publishes. Then it clears away what no rule keeps.
#
#     retrain.sh NAME [DATE]
#
# For a scheduler, once for each as-of date of the spec; in the folder of crm.yaml. It can be stopped at any
# point and run again. See docs/orchestration.md.
#
#     SALESML   the command (.venv/bin/salesml)
#     OUT       where scores go (/data/scores)
#     STORE     what pages read; nothing is published without it. Passwords as in $PGPASS, by name
#     TRIES     how often a command is tried that found something away (6)
#     WAIT      seconds between (600)
#
# Ends with 0 when there was nothing to tell, 3 when somebody should read what was printed, 1 or 2 when
# something was refused, 4 when something outside stayed away or another retraining is under way.
set -u
name=${1:?"name a model, such as churn"}
as_of=${2:-$(date +%F)}
SALESML=${SALESML:-.venv/bin/salesml}
OUT=${OUT:-/data/scores}
STORE=${STORE:-}
TRIES=${TRIES:-6}
WAIT=${WAIT:-600}

# One at a time: the lock ends with the process, however that ends.
exec 9>".retrain.$name.lock"
if ! flock -n 9; then
    echo "Another retraining of $name is under way"
    exit 4
fi
look=$(mktemp) || exit 4
trap 'rm -f "$look"' EXIT

# Runs a command again while something outside is away.
again() {
    left=$TRIES
    while :; do
        "$@"
        code=$?
        left=$((left - 1))
        if [ "$code" -ne 4 ] || [ "$left" -le 0 ]; then
            return "$code"
        fi
        echo "Trying again in $WAIT seconds"
        sleep "$WAIT"
    done
}

monitor() {
    # shellcheck disable=SC2086 # a command may be several words
    $SALESML monitor "$name" --as-of "$as_of" >"$look" 9>&-
    code=$?
    cat "$look"
    return "$code"
}

salesml() {
    # shellcheck disable=SC2086
    $SALESML "$@" 9>&-
}

# Ends with the code of what was refused or stayed away. Alarms are told at the end.
must() {
    again "$@"
    code=$?
    case $code in
    0) ;;
    3) told=3 ;;
    *) exit "$code" ;;
    esac
}

told=0
must monitor
if grep -q '^Train again: now\.' "$look"; then
    must salesml train "$name"
    again salesml promote "$name" challenger
    judged=$?
    case $judged in
    0)
        must salesml score "$name" --as-of "$as_of" --out "$OUT"
        if [ -n "$STORE" ]; then
            must salesml publish --scores "$OUT/task=$name/as_of=$as_of" --crm crm.yaml --store "$STORE"
        fi
        ;;
    1) told=3 ;; # Refused in words: the champion stays, and somebody reads why.
    *) exit "$judged" ;;
    esac
fi
must salesml tidy "$name"
exit "$told"
