"""Models that prepare pages, as tiny graphs under the genuine names: one finds which way is up, one flattens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from function.engines.paddle_vl.models import ORIENTATION, UNWARPING

_SIDE = 64
#: Where a page's darkest edge is (rows, columns of the shrunk page), by what it was turned by: at the top, it stands.
_EDGES = {"0": ((0, 8), (0, 64)), "90": ((0, 64), (56, 64)), "180": ((56, 64), (0, 64)), "270": ((0, 64), (0, 8))}


def write_orientation(folder: Path) -> None:
    """A classifier that takes the darkest edge for the page's upper one."""
    from onnx import TensorProto, helper

    nodes, given = [], [_constant("three", [2, 3]), _constant("all", [1, 2, 3])]
    for label, (rows, columns) in _EDGES.items():
        given += [_constant(f"{label}from", [rows[0], columns[0]]), _constant(f"{label}to", [rows[1], columns[1]])]
        nodes += [
            helper.make_node("Slice", ["x", f"{label}from", f"{label}to", "three"], [f"{label}edge"]),
            helper.make_node("ReduceMean", [f"{label}edge"], [f"{label}light"], axes=[1, 2, 3], keepdims=0),
            helper.make_node("Neg", [f"{label}light"], [f"{label}dark"]),
            helper.make_node("Unsqueeze", [f"{label}dark", "one"], [f"{label}score"]),
        ]
    given.append(_constant("one", [1]))
    nodes.append(helper.make_node("Concat", [f"{label}score" for label in _EDGES], ["scores"], axis=1))
    wanted = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", len(_EDGES)])]
    _save(folder, nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, _SIDE, _SIDE])], wanted, given)
    labels = ", ".join(f'"{label}"' for label in _EDGES)
    (folder / "inference.yml").write_text(_CLASSIFIER.format(name=ORIENTATION, side=_SIDE, labels=labels))


def write_unwarping(folder: Path) -> None:
    """What it takes for flattening is mirroring, so that a mirrored page becomes one that can be read."""
    from onnx import TensorProto, helper

    given = [_constant(name, [value]) for name, value in (("from", -1), ("to", -(1 << 31)), ("axis", 3), ("step", -1))]
    nodes = [helper.make_node("Slice", ["image", "from", "to", "axis", "step"], ["flat"])]
    described = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, "H", "W"]) for name in ("image", "flat")]
    _save(folder, nodes, described[:1], described[1:], given)
    (folder / "inference.yml").write_text(f"Global:\n  model_name: {UNWARPING}\n")


def _constant(name: str, value: list[int]) -> Any:
    import numpy as np
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array(value, np.int64), name)


def _save(folder: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], given: list[Any]) -> None:
    import onnx
    from onnx import helper

    folder.mkdir(parents=True)
    graph = helper.make_graph(nodes, folder.name, inputs, outputs, given)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "inference.onnx"))


_CLASSIFIER = """\
Global:
  model_name: {name}
PreProcess:
  transform_ops:
  - ResizeImage:
      size: [{side}, {side}]
  - NormalizeImage:
      mean: [0.0, 0.0, 0.0]
      std: [1.0, 1.0, 1.0]
      scale: 0.00392156862745098
      order: ''
      channel_num: 3
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 1
    label_list: [{labels}]
"""
