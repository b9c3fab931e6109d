#!/bin/sh
# debian-base.sh NAME: a base image of Debian 12 and its Python 3.11, for buildah, where no registry can be reached:
#     knative/image/debian-base.sh localhost/python:bookworm && make image CPU_BASE=localhost/python:bookworm
# As root; needs debootstrap and buildah. $BUILDAH may carry buildah's options (--root …).
set -eu

name=$1
buildah=${BUILDAH:-buildah}
# The mirror that this machine's apt uses for the release, if any; else debootstrap's own.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' 2>/dev/null | head -n 1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

debootstrap --variant=minbase --include=python3,ca-certificates bookworm "$folder" $mirror >"$folder.log" 2>&1 || {
    tail -n 20 "$folder.log" >&2
    exit 1
}
rm -f "$folder.log"
# What Debian's own slim images leave out, licences excepted.
find "$folder/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$folder"/usr/share/man/* "$folder"/usr/share/info/* "$folder"/usr/share/locale/* \
       "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/* "$folder"/var/log/*

container=$($buildah from scratch)
$buildah copy --quiet "$container" "$folder" / >/dev/null
$buildah config --cmd python3 "$container"
$buildah commit --quiet --rm "$container" "$name" >/dev/null
echo "$name"
