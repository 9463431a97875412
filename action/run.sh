#!/usr/bin/env bash
# What the action runs: COMMAND with its options, of which those left out are empty.
set -euo pipefail

case "$COMMAND" in
  discover) options=(discover --list "$LIST" --out "$PROPOSAL" --report discover.json --since "$SINCE" --until "$UNTIL") ;;
  publish) options=(publish "$PROPOSAL" --list "$LIST" --since "$SINCE" --until "$UNTIL" --max-open "$MAX_OPEN" --max-gap-days "$MAX_GAP_DAYS") ;;
  show) options=(run --dry-run --list "$LIST" --since "$SINCE" --until "$UNTIL" --max-open "$MAX_OPEN") ;;
  review) options=(review --list "$LIST") ;;
  status) options=(status --result "$RESULT") ;;
  *) echo "::error title=Unknown command::$COMMAND is none of discover, publish, show, review, status" && exit 2 ;;
esac

# -P keeps a folder `bot` of the repository that is worked on out of the way.
PYTHONPATH="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export PYTHONPATH
code=0
python -P -m bot "${options[@]}" --config "$CONFIG" || code=$?

# Exit code 4 is "done, but coverage is incomplete": what was found is proposed all the same.
if test "$code" -eq 4; then
  echo "incomplete=true" >> "$GITHUB_OUTPUT"
  echo "::warning title=Coverage is incomplete::arXiv did not answer for the whole period. What was found is still proposed; the rest is asked again next time."
  exit 0
fi
exit "$code"
