"""What this machine's pip is told (an index, a proxy, a certificate), for the pip inside a build.

    python3 pip_conf.py FOLDER      writes FOLDER/pip.conf and FOLDER/ca.pem, which the Dockerfile mounts as secrets

Both are empty where pip is told nothing. Names of local folders are left out: a build cannot see them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

#: Where the Dockerfile mounts ca.pem.
CA_INSIDE = "/run/secrets/ca.pem"
#: What decides whence packages come; the rest is taste, or about folders of this machine.
KEPT = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "retries", "cert")


def main(folder: Path) -> None:
    """Write both files."""
    told = settings()
    ca = Path(told["cert"]).read_bytes() if told.get("cert") else b""
    if ca:
        told["cert"] = CA_INSIDE
    lines = [f"{name} = {value}\n" for name, value in told.items() if value]
    (folder / "pip.conf").write_text("".join(["[global]\n", *lines]) if lines else "", encoding="utf-8")
    (folder / "ca.pem").write_bytes(ca)


def settings() -> dict[str, str]:
    """Of pip's files and variables, the variables last as pip has it; empty where there is no pip to ask."""
    # A pip that was told to be quiet would not say by whom.
    asked = ["/usr/bin/env", "PIP_QUIET=0", sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    told: dict[str, str] = {}
    for line in sorted(done.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        short = name.rpartition(".")[2]
        if short in KEPT:
            remote = [word for word in ast.literal_eval(value).split() if not word.startswith(("file:", "/", "."))]
            told[short] = ast.literal_eval(value) if short == "cert" else " ".join(remote)
    return told


if __name__ == "__main__":
    main(Path(sys.argv[1]))
