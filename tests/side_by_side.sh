# shellcheck shell=bash
# Runs test programs side by side: many of them wait for servers more than they compute, and `cargo test`
# alone runs one after the other.
#
#   source tests/side_by_side.sh              gives the functions note_runner and side_by_side
#   bash tests/side_by_side.sh note FOLDER PROGRAM ARG...
#
# cargo alone knows which test programs there are, where each is run and with which variables. So cargo
# is told that this script runs them, and called so it only notes that in a folder, one file a program.

# Begun first, because they take longest; a program that is not named here runs after those that are.
readonly LONGEST=(macro_ui contract rebuild run backup restore rehearse corpora execute model cli)

# These keep all of a server from writing for a moment (FLUSH TABLES WITH READ LOCK), or wait until they
# may: they get servers of their own, unless the user named some.
readonly APART=(backup physical rehearse restore run)

# Notes how a program is to be run.
note() {
    local folder=$1 program=$2 name
    name=$(basename "$program")
    {
        printf 'cd %q || exit\n' "$PWD"
        declare -px
        printf 'exec'
        if [[ -n ${MIGRATE_TEST_PRIVATE:-} && " ${APART[*]} " == *" ${name%-*} "* ]]; then
            printf ' env'
            printf ' -u %q' $MIGRATE_TEST_PRIVATE
            printf ' %q --servers --' "$(dirname "${BASH_SOURCE[0]}")/run"
        fi
        printf ' %q' "${@:2}"
        echo
    } >"$folder/$name.job"
}

# What cargo is told so that it notes what it would run. Usage: note_runner FOLDER; sets $runner
note_runner() {
    runner=(--config "target.'cfg(all())'.runner = ['bash', '${BASH_SOURCE[0]}', 'note', '$1']")
}

# Runs what is noted in a folder, so many at once, and shows what each said when it has ended. Whether
# all of it went well. Usage: side_by_side FOLDER COUNT
side_by_side() {
    local folder=$1 count=$2 name job jobs=()
    local -A running=() began=()
    local failed=() times=()
    for name in "${LONGEST[@]}"; do
        for job in "$folder/$name"-*.job; do [[ -e $job ]] && jobs+=("$job"); done
    done
    for job in "$folder"/*.job; do
        [[ " ${jobs[*]} " == *" $job "* ]] || jobs+=("$job")
    done
    for job in "${jobs[@]}"; do
        ((${#running[@]} < count)) || one_ends
        bash "$job" >"$job.said" 2>&1 </dev/null &
        running[$!]=$job began[$!]=$SECONDS
    done
    while ((${#running[@]})); do one_ends; done
    echo "== times of test programs"
    printf "%s\n" "${times[@]}" | sort -rn
    ((${#failed[@]} == 0)) || echo "== failed: ${failed[*]}"
    ((${#failed[@]} == 0))
}

# Waits for one of side_by_side's, whose variables it uses.
one_ends() {
    local ended status name
    wait -n -p ended "${!running[@]}"
    status=$?
    # Without the digits that cargo adds.
    name=$(basename "${running[$ended]}" .job) name=${name%-*}
    echo "== $name: status $status"
    cat "${running[$ended]}.said"
    times+=("$(printf '%5d s  %s' $((SECONDS - began[$ended])) "$name")")
    ((status == 0)) || failed+=("$name")
    unset "running[$ended]" "began[$ended]"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    [[ ${1:-} == note && $# -gt 2 ]] || { echo "usage: side_by_side.sh note FOLDER PROGRAM ARG..." >&2 && exit 2; }
    note "${@:2}"
fi
