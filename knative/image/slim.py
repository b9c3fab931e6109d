"""What the function never loads is taken out of the image's environment; each entry says why.

    python3 slim.py cpu|gpu ENVIRONMENT

Only what weighs megabytes is listed. An entry that matches nothing fails the build: it is out of date, and what it
meant may have moved. That nothing needed went is shown by tests/image/, which reads documents with the result.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

#: Pattern below site-packages → why it is not needed.
UNUSED = {
    "openvino/libs/libopenvino_intel_gpu_plugin.so": "Intel's graphics cards; we compile for CPU",
    "openvino/libs/cache.json": "kernels of that plugin",
    "openvino/libs/libopenvino_intel_npu_plugin.so": "Intel's neural processors",
    "openvino/libs/libopenvino_gguf_frontend.so.*": "we read ONNX; each format has a frontend of its own",
    "openvino/libs/libopenvino_jax_frontend.so.*": "as above",
    "openvino/libs/libopenvino_paddle_frontend.so.*": "as above",
    "openvino/libs/libopenvino_pytorch_frontend.so.*": "as above",
    "openvino/libs/libopenvino_tensorflow_frontend.so.*": "as above",
    "openvino/libs/libopenvino_tensorflow_lite_frontend.so.*": "as above",
    "openvino/include": "C++ headers",
    "onnxruntime/transformers": "tools that rewrite models",
    "onnxruntime/quantization": "as above",
    "onnxruntime/tools": "as above",
    "numpy/**/tests": "numpy's own tests",
}
#: rapidocr is there for the models inside it and never imported; these are what its code would import. In the gpu image
#: paddlex needs them.
UNUSED_ON_CPU = {
    "shapely": "geometry for rapidocr's own post-processing",
    "shapely.libs": "as above",
    "shapely-*.dist-info": "so that no inventory lists what is not there",
    "omegaconf": "rapidocr's own configuration",
    "omegaconf-*.dist-info": "as above",
}
#: botocore describes 400 services; these are the buckets' and the ways to credentials.
SERVICES = {"s3", "sts", "sso", "sso-oidc", "signin"}


def main(flavour: str, environment: Path) -> None:
    """Remove, and say how much.

    Raises:
        SystemExit: an entry matches nothing.
    """
    [packages] = environment.glob("lib/python3*/site-packages")
    before = size(packages)
    for pattern in UNUSED | (UNUSED_ON_CPU if flavour == "cpu" else {}):
        found = list(packages.glob(pattern))
        if not found:
            sys.exit(f"slim.py: nothing in {packages} matches {pattern}; look where it went, then mend the entry")
        for path in found:
            remove(path)
    for path in services_not_called(packages / "botocore" / "data"):
        remove(path)
    print(f"slim.py: {before / 1e6:.0f} MB became {size(packages) / 1e6:.0f} MB")


def services_not_called(data: Path) -> Iterator[Path]:
    """Folders of botocore's data that no client of ours opens.

    Raises:
        SystemExit: a service that we do call is not there.
    """
    folders = {path.name: path for path in data.iterdir() if path.is_dir()}
    if SERVICES - folders.keys():
        sys.exit(f"slim.py: botocore does not describe {sorted(SERVICES - folders.keys())} any more; mend SERVICES")
    yield from (path for name, path in folders.items() if name not in SERVICES)


def remove(path: Path) -> None:
    """A file, or a folder with all in it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def size(folder: Path) -> int:
    """Bytes of the files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
