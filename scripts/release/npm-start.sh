#!/bin/sh
# What npm links as `tsgosu`: becomes the executable of the package for this machine, which npm has put beside this one or
# above it. No Node runs, and no shell stays.
case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  aarch64) platform=linux-arm64 ;;
  riscv64) platform=linux-riscv64 ;;
  loongarch64) platform=linux-loong64 ;;
  ppc64le) platform=linux-ppc64 ;;
  s390x) platform=linux-s390x ;;
  *)
    echo "tsgosu: there is no executable for this machine, $(uname -m)" >&2
    exit 125
    ;;
esac
folder=$(readlink -f "$0")
while [ "$folder" != / ]; do
  folder=$(dirname "$folder")
  program=${folder%/}/node_modules/@tsgosu/$platform/tsgosu
  [ -x "$program" ] && exec "$program" "$@"
done
echo "tsgosu: the package @tsgosu/$platform is not installed: install it beside this one, and without --omit=optional" >&2
exit 125
