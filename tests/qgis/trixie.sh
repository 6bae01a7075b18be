#!/bin/sh
# Runs a command inside Debian trixie, whose QGIS is 3.40; the repository is at /repo there, the network is the machine's.
# usage: trixie.sh FOLDER COMMAND…    as root; FOLDER (2 GB) is made the first time, from the mirror that apt here uses
set -eu
packages="fonts-noto-core poppler-utils python3-qgis qgis-providers"
folder=$(realpath -m "$1")
shift
repo=$(realpath "$(dirname "$0")/../..")

make_it() {
  # shellcheck disable=SC2016 # the dollars are apt's
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 -E '/debian/?$')
  rm -rf "$folder"
  mkdir -p "$folder"
  debootstrap --variant=minbase trixie "$folder" "$mirror"
  echo 'path-exclude=/usr/share/doc/*' >"$folder/etc/dpkg/dpkg.cfg.d/small"
  inside "apt-get update -q && apt-get install -y -q --no-install-recommends $packages && apt-get clean"
  rm -rf "$folder"/var/lib/apt/lists/*
  mkdir -p "$folder/repo"
  echo "$packages" >"$folder/ready"
}

inside() { # the mounts are in a namespace of their own and end with it
  unshare --mount sh -euc '
    mount -t proc proc "$1/proc"
    mount -t tmpfs tmpfs "$1/tmp"
    [ ! -d "$1/repo" ] || mount --bind -o ro "$2" "$1/repo"
    exec chroot "$1" /usr/bin/env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
      DEBIAN_FRONTEND=noninteractive sh -euc "$3"
  ' inside "$folder" "$repo" "$1"
}

[ "$(cat "$folder/ready" 2>/dev/null)" = "$packages" ] || make_it >&2
inside "$*"
