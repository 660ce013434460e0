#!/bin/sh
# Runs before `npm pack` and `npm publish`, which leave out what is missing without a word: a package without the executable.
set -eu
for file in dist/tsgosu-static dist/tsgosu-static.c; do
  if ! [ -s "$file" ]; then
    echo "tsgosu: npm pack: $file is missing: run npm run build:static first" >&2
    exit 1
  fi
done
