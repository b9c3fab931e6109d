#!/bin/sh
# build.sh cpu|gpu: the image, by whichever builder is here, and what its layers weigh. `make image` calls it.
#
#   IMAGE, TAG           its name: $IMAGE:$TAG (zeropage or zeropage-gpu : the version and the commit)
#   CPU_BASE, GPU_BASE   the base images, by digest if you like; unset, those of the Dockerfile
#   PADDLE, PADDLE_INDEX what of PaddlePaddle to install (or none), and from where besides pip's index (gpu only)
#   PUSH=true            push it; docker buildx then adds an SBOM and provenance, which only a registry can hold (docker's
#                        classic image store refuses to build them: then they are left out, and that is said)
#   BUILDER              docker, podman or buildah, with its options; unset, the first of these that works
#   LAYERS=false         leave out the table of layers
set -eu
cd "$(dirname "$0")/../.."

flavour=${1:?cpu or gpu}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
case $flavour in cpu) name=zeropage ;; *) name=zeropage-$flavour ;; esac
image=${IMAGE:-$name}:${TAG:-$version-$revision}

works() { # docker without buildx knows no secrets, and its command may be there without its daemon
    case $1 in docker) docker buildx version && docker info ;; *) command -v "$1" ;; esac >/dev/null 2>&1
}

builder=${BUILDER:-}
if [ -z "$builder" ]; then
    for candidate in docker podman buildah; do
        if works "$candidate"; then builder=$candidate && break; fi
    done
fi
case $builder in
'' | docker | docker\ * | podman | podman\ * | buildah | buildah\ *) ;;
*)
    echo "BUILDER=$builder is none that is known here: docker, podman or buildah, with options of its own behind the name." >&2
    exit 1
    ;;
esac
if [ -n "$builder" ] && ! command -v "${builder%% *}" >/dev/null 2>&1; then
    echo "BUILDER=$builder: ${builder%% *} is not installed here; install it, or leave BUILDER out to take what is." >&2
    exit 1
fi
if [ -z "$builder" ]; then
    echo "No builder of images here: install docker with its buildx plugin, or podman, or buildah (which needs no daemon)." >&2
    echo "On Debian, as root: apt-get install buildah" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# An absent pip leaves both files empty, which is pip's own default inside, too.
python=.venv/bin/python
[ -x $python ] || python=python3
$python knative/image/pip_conf.py "$work"

set -- --target "$flavour" --tag "$image" --file Dockerfile \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    --secret "id=pip.conf,src=$work/pip.conf"
if [ -s "$work/ca.pem" ]; then set -- "$@" --secret "id=ca.pem,src=$work/ca.pem"; fi
for argument in CPU_BASE GPU_BASE PADDLE PADDLE_INDEX; do
    eval "value=\${$argument:-}"
    if [ -n "$value" ]; then set -- "$@" --build-arg "$argument=$value"; fi
done

echo "==> $builder builds $image"
case $builder in
docker*)
    if [ "${PUSH:-}" = true ]; then
        # A builder in a container pushes and leaves nothing here; the one inside docker keeps the image in docker's own
        # store, of which only containerd's kind can make an SBOM.
        driver=$($builder buildx inspect 2>/dev/null | sed -n 's/^Driver: *//p')
        store=
        if [ "$driver" = docker ]; then store=$($builder info --format '{{.DriverStatus}}'); fi
        case $driver,$store in
        docker,*io.containerd.snapshotter*) set -- "$@" --sbom=true --provenance=mode=max ;;
        docker,*)
            echo "==> without SBOM and provenance: docker's classic image store cannot make them. docker's containerd image" >&2
            echo "    store can, and so can the builder of: docker buildx create --use" >&2
            ;;
        *)
            set -- "$@" --sbom=true --provenance=mode=max
            elsewhere=true
            ;;
        esac
        $builder buildx build "$@" --push .
    else
        $builder buildx build "$@" --load .
    fi
    save="$builder save $image"
    ;;
podman*)
    $builder build "$@" --layers .
    if [ "${PUSH:-}" = true ]; then $builder push "$image"; fi
    save="$builder save $image"
    ;;
*)
    # chroot: as root it needs no runtime and works inside a container, too.
    $builder build "$@" --layers --isolation "${BUILDAH_ISOLATION:-chroot}" .
    if [ "${PUSH:-}" = true ]; then $builder push "$image"; fi
    save="$builder push --quiet $image docker-archive:$work/image.tar"
    ;;
esac

if [ "${LAYERS:-true}" = true ]; then
    if [ -n "${elsewhere:-}" ]; then $builder pull --quiet "$image" >&2; fi
    $save >"$work/saved"
    [ -e "$work/image.tar" ] || mv "$work/saved" "$work/image.tar"
    $python knative/image/layers.py "$work/image.tar"
fi
echo "==> $image"
