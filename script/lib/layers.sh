# The layers of script/test: how each is run, and how its result is read. Source it after common.sh.
# shellcheck shell=bash

# In the order in which they start: the longest first.
all_layers=(e2e lint typecheck light contract emulator unit property charm verify)

is_layer() { [[ " ${all_layers[*]} " == *" $1 "* ]]; }
needs_charms() { [[ " $* " =~ \ (e2e|light|contract|unit)\  ]]; }

# Runs a layer in the foreground; its output is a log.
run_layer() {
  case $1 in
    lint) npm run --silent lint ;;
    typecheck) npm run --silent typecheck ;;
    verify) replay_recordings ;;
    *)
      node_modules/.bin/jest --selectProjects "$1" --maxWorkers=1 --passWithNoTests --verbose --forceExit \
        --json --outputFile="$logs/$1.json"
      ;;
  esac
}

# The recordings of real Juju are not part of this repository: GOLDEN_DIR, by default ../shared/golden.
replay_recordings() {
  local recordings=${GOLDEN_DIR:-../shared/golden} files=()
  for file in traces traces-random hooktools hooktools-yaml hookruns env server cli; do
    [ ! -f "$recordings/$file.jsonl" ] || files+=("$recordings/$file.jsonl")
  done
  if [ ${#files[@]} = 0 ]; then echo "SKIPPED: no recordings in $recordings (set GOLDEN_DIR)"; return; fi
  packages/juju-emulator/bin/juju-emulator verify --known packages/juju-emulator/test/known-differences.json "${files[@]}"
}

# counts LAYER: "passed failed skipped". A layer that failed as a whole, without a failed test, counts as one failure.
counts() {
  local code
  code=$(cut -d' ' -f1 "$logs/$1.result")
  if [ ! -s "$logs/$1.json" ]; then
    if [ "$code" = 0 ]; then echo 1 0 0; else echo 0 1 0; fi
    return
  fi
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const failed = r.numFailedTests + r.testResults.filter((s) => s.status === "failed" && s.assertionResults.length === 0).length;
    console.log(r.numPassedTests, failed || (process.argv[2] === "0" ? 0 : 1), r.numPendingTests + r.numTodoTests);
  ' "$logs/$1.json" "$code"
}

report_layer() {
  local passed lost skipped code seconds
  read -r code seconds <"$logs/$1.result"
  read -r passed lost skipped < <(counts "$1")
  say "$1: $([ "$code" = 0 ] && echo ok || echo FAILED), $passed passed, $lost failed, $skipped skipped ($seconds s)"
}

# summary SECONDS LAYER...: the table, and the sum alone on the last line of the output.
summary() {
  local total=$1 layer passed lost skipped code seconds all_passed=0 all_failed=0 all_skipped=0
  shift
  printf '\n%-10s %8s %8s %8s %8s\n' layer passed failed skipped seconds
  for layer in "$@"; do
    read -r code seconds <"$logs/$layer.result"
    read -r passed lost skipped < <(counts "$layer")
    printf '%-10s %8s %8s %8s %8s\n' "$layer" "$passed" "$lost" "$skipped" "$seconds"
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + lost)) all_skipped=$((all_skipped + skipped))
  done
  printf '%-10s %8s %8s %8s %8s\n\n' all "$all_passed" "$all_failed" "$all_skipped" "$total"
  printf '%s passed, %s failed, %s skipped\n' "$all_passed" "$all_failed" "$all_skipped"
}
